package org.jawort.consent;

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
            case TEXT -> keywords.read(message.said(), message.channel(), promptLanguage);
            case BUTTON -> tapped(answersAPrompt);
            case OTHER -> refusing();
        };
    }

    /**
     * What was tapped can refuse and ask for rights like a typed word, and else only answer the
     * prompt it belongs to.
     */
    private Reading tapped(boolean answersAPrompt) {
        var reading = keywords.read(message.said(), message.channel(), null);
        var counts =
                reading instanceof Reading.Stop
                        || (!answersAPrompt
                                && (reading instanceof Reading.PossibleWithdrawal
                                        || reading instanceof Reading.DataRequest));
        return counts ? reading : new Reading.None();
    }

    private Reading inPart(Reading.DataRequest request) {
        return AskedRights.of(message.said()).inPart().clear()
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
        var reading = keywords.read(message.said(), message.channel(), null);
        return reading instanceof Reading.Stop || reading instanceof Reading.PossibleWithdrawal
                ? new Reading.PossibleWithdrawal()
                : reading instanceof Reading.DataRequest request
                        ? inPart(request)
                        : new Reading.None();
    }
}
