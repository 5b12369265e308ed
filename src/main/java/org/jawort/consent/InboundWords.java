package org.jawort.consent;

import java.util.stream.Stream;

/** What the words of a message say, by how they were said. */
record InboundWords(Keywords keywords, InboundMessage message) {

    /**
     * @param promptLanguage see {@link Keywords#read}
     * @param answersAPrompt whether the tapped button belongs to a prompt
     */
    Reading read(String promptLanguage, boolean answersAPrompt) {
        if (!message.isOwnWords()) {
            return new Reading.None();
        }
        if (!message.oneToOne()) {
            return refusing();
        }
        return switch (message.kind()) {
            case TEXT -> typed(promptLanguage);
            case BUTTON -> tapped(answersAPrompt);
            case OTHER -> refusing();
        };
    }

    private Reading typed(String promptLanguage) {
        var text = message.said().stream().findFirst().orElse(null);
        return keywords.read(text, message.channel(), promptLanguage);
    }

    /**
     * What was tapped can refuse and ask for rights like a typed word, and else only answer the
     * prompt it belongs to.
     */
    private Reading tapped(boolean answersAPrompt) {
        var reading = refusalOrRequest();
        return reading instanceof Reading.Stop || !answersAPrompt ? reading : new Reading.None();
    }

    private Reading inPart(Reading.DataRequest request) {
        return message.said().stream().allMatch(words -> AskedRights.of(words).inPart().clear())
                ? request
                : new Reading.DataRequest(false, request.nearStop());
    }

    /**
     * Where others listen, under a picture and in a piece of a longer text no word is one for the
     * hub (CON-10). What would be a STOP may be meant for others, or be half a sentence, so that a
     * human decides, and until then nothing proactive leaves (CON-12). What asks for rights is
     * heard wherever it is written, and what takes something away is asked about first.
     */
    private Reading refusing() {
        var reading = refusalOrRequest();
        return reading instanceof Reading.Stop
                ? new Reading.PossibleWithdrawal()
                : reading instanceof Reading.DataRequest request ? inPart(request) : reading;
    }

    /** Of all that was said the first in the order of table 2.1, and none but these. */
    private Reading refusalOrRequest() {
        var readings =
                message.said().stream()
                        .map(words -> keywords.read(words, message.channel(), null))
                        .toList();
        var first =
                Stream.of(
                                Reading.Stop.class,
                                Reading.DataRequest.class,
                                Reading.PossibleWithdrawal.class)
                        .flatMap(kind -> readings.stream().filter(kind::isInstance))
                        .findFirst()
                        .orElse(new Reading.None());
        return first instanceof Reading.DataRequest request
                        && readings.contains(new Reading.PossibleWithdrawal())
                ? new Reading.DataRequest(request.clear(), true)
                : first;
    }
}
