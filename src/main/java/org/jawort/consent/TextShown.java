package org.jawort.consent;

/**
 * The text a person had before them, or that takes its place.
 *
 * @param version as {@code prompt-v3} if the hub has it, else the tenant's own name for it
 * @param language BCP 47
 */
public record TextShown(String version, String language) {

    /** {@code null} if a declaration was made without one, such as a STOP. */
    static TextShown of(Declaration line) {
        return switch (line.event()) {
            case ConsentEvent.PromptOffered offered ->
                    new TextShown(offered.textVersion(), offered.language());
            case ConsentEvent.PromptAccepted accepted -> ofPrompt(line);
            case ConsentEvent.PromptFailed failed -> ofPrompt(line);
            case ConsentEvent.Yes yes -> ofPrompt(line);
            case ConsentEvent.No no ->
                    line.record().hasPrompt(no.promptId()) ? ofPrompt(line) : null;
            case ConsentEvent.OtherText other -> ofPrompt(line);
            case ConsentEvent.Captured captured -> line.cause().text();
            case ConsentEvent.Deadline deadline -> ofPrompt(line);
            case ConsentEvent.Stop stop -> null;
            case ConsentEvent.PossibleWithdrawalDecided decided -> null;
            case ConsentEvent.ProviderOptOut out -> null;
            case ConsentEvent.ProviderOptIn in -> null;
            case ConsentEvent.TenantSuppressed ordered -> null;
            case ConsentEvent.TenantReleased ordered -> null;
            case ConsentEvent.Blocked blocked -> null;
            case ConsentEvent.Unblocked unblocked -> null;
            case ConsentEvent.TextChanged changed -> line.cause().text();
            case ConsentEvent.ValidityEnd end -> null;
            case ConsentEvent.LiAssessed assessed -> null;
            case ConsentEvent.Objection objection -> null;
            case ConsentEvent.ErasureDone erased -> null;
            case ConsentEvent.ObjectionRevoked revoked -> null;
            case ConsentEvent.Linked linked -> null;
            case ConsentEvent.Unlinked unlinked -> null;
            case ConsentEvent.Used used -> null;
            case ConsentEvent.AddressInvalid invalid -> null;
        };
    }

    private static TextShown ofPrompt(Declaration line) {
        Prompt prompt = line.record().prompt();
        return prompt == null ? null : new TextShown(prompt.textVersion(), prompt.language());
    }
}
