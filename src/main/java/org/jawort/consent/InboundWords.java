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

    /**
     * Where others listen, under a picture and in a piece of a longer text no word is one for the
     * hub (CON-10). What would be a STOP may be meant for others, or be half a sentence, so that a
     * human decides, and until then nothing proactive leaves (CON-12). What asks for rights is
     * heard wherever it is written.
     */
    private Reading refusing() {
        var reading = refusalOrRequest();
        return reading instanceof Reading.Stop ? new Reading.PossibleWithdrawal() : reading;
    }

    /** Of all that was said the first in the order of table 2.1, and none but these. */
    private Reading refusalOrRequest() {
        var readings =
                message.said().stream()
                        .map(words -> keywords.read(words, message.channel(), null))
                        .toList();
        return Stream.<Reading>of(
                        new Reading.Stop(),
                        new Reading.DataRequest(),
                        new Reading.PossibleWithdrawal())
                .filter(readings::contains)
                .findFirst()
                .orElse(new Reading.None());
    }
}
