package org.jawort.consent;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The words {@link NearStop} looks for, folded, without accents, of all languages of CON-13 in one:
 * nobody has to say which they write in.
 */
final class NearStopWords {
    private NearStopWords() {}

    /** Other forms of STOP words, which refuse wherever they stand. */
    static final Set<String> INFLECTED =
            words(
                    """
                    stoppen stoppt abmeldung abbestelle widerrufe widerspreche desinscrire
                    disiscrivermi wypisac revoco revoque
                    """);

    /**
     * STOP words that are everyday words as well: the stop of a bus, a sick note, hard, to cancel
     * what one booked.
     */
    static final Set<String> OF_OTHER_MEANING =
            phrases(
                    """
                    arret, baja, dur, iptal et
                    """);

    /**
     * These refuse if nothing but courtesy is said besides. Not "cancelar" or "annulla": people
     * cancel appointments too (CON-14).
     */
    static final Set<String> ALONE =
            words(
                    """
                    arrete arretez arreter rezygnuje aufhoren basta
                    """);

    static final Set<String> PLEASE =
            words(
                    """
                    bitte please pls plz svp stp plait favor favore alstublieft alsjeblieft
                    aub prosze lutfen
                    """);

    /** What else is only polite. */
    static final Set<String> THANKS =
            words(
                    """
                    danke thanks thank you s il te vous merci por gracias per piacere
                    grazie bedankt dziekuje tesekkurler
                    """);

    /** Then "stop" is a thing or a visit, not a wish. */
    static final Set<String> THING_BEFORE_STOP =
            words(
                    """
                    non bus tram one pit truck next start feu luz luce swiatlo lo
                    """);

    static final Set<String> THING_AFTER_STOP =
            words(
                    """
                    by over bus start automatik licht light lights lamp lambasi
                    """);

    /** What is done to a car as well, if one is named. */
    static final Set<String> OF_CARS = words("abmelden abmeldung");

    static final Set<String> CARS =
            words(
                    """
                    auto autos fahrzeug fahrzeuge fahrzeugs wagen wagens kfz pkw
                    """);

    /** Verbs whose second half is a word of its own: "melde mich ab 14 Uhr". */
    static final Set<String> SEPARABLE =
            phrases(
                    """
                    hort auf, hor auf, horen sie auf, melde mich ab, melden sie mich ab,
                    melde dich ab, bestelle ab
                    """);

    /** What follows them, unless they end the clause or courtesy follows. */
    static final Set<String> AFTER_SEPARABLE = words("zu mir mit damit von vom aus");

    /** Words of their own, near a stop word by their letters alone. */
    static final Set<String> NOT_MISSPELT =
            words(
                    """
                    anmelden ummelden melden bestellen abstellen auftragen aussagen aanmelden
                    inschrijven subscribe
                    """);

    static final Set<String> NEGATIONS =
            words(
                    """
                    kein keine keinen keinerlei nicht nie nix no not dont don never pas plus
                    non niente nessun nessuna ningun ninguna geen niet zadnych hic istemiyorum
                    aucun aucune
                    """);

    /** The negations that stand directly before what is not wanted. */
    static final Set<String> NONE_OF =
            words(
                    """
                    kein keine keinen keinerlei no pas plus non niente nessun nessuna ningun
                    ninguna geen zadnych aucun aucune
                    """);

    static final Set<String> ANY_MORE =
            words(
                    """
                    mehr weiteren weitere more anymore further plus piu mas meer wiecej artik
                    longer
                    """);

    static final Set<String> TEXTS =
            words(
                    """
                    nachricht nachrichten message messages texts msgs mensaje mensajes
                    messaggi messaggio berichten wiadomosci mesaj mesajlar mails
                    """);

    /** What one may lack as well: "ich habe kein WhatsApp". */
    static final Set<String> CHANNELS = words("sms smsy whatsapp whatsapps infos");

    /** Nobody misses it. */
    static final Set<String> ADVERTISING =
            words(
                    """
                    werbung newsletter ads spam publicidad pubblicita publicite reclame
                    marketing promotions promos werbenachrichten werbemails pub pubs reklam
                    reklamy reklamlar nieuwsbrief
                    """);

    static final Set<String> MESSAGES =
            Stream.of(TEXTS, CHANNELS, ADVERTISING)
                    .flatMap(Set::stream)
                    .collect(Collectors.toUnmodifiableSet());

    static final Set<String> WRITING =
            words(
                    """
                    schreiben schreibt schreib schicken schickt schick senden sendet
                    kontaktieren kontaktiert anschreiben contact text texting write writing
                    send sending messaging ecrire ecrivez envoyer envoyez enviar
                    envien escribir scrivere scrivetemi mandare sturen schrijven pisac piszcie
                    yazmayin gondermeyin
                    """);

    /** And "ich will": "will" alone is English. */
    static final Set<String> WANTING =
            words(
                    """
                    mochte mochten wollen wunsche brauche want wish need ask asked veux
                    souhaite quiero deseo voglio desidero wil wens chce zycze
                    """);

    /** What is not wanted then is to go without the message. */
    static final Set<String> DEAR =
            words(
                    """
                    verpassen warten miss wait manquer attendre perder esperar perdere
                    aspettare missen wachten
                    """);

    /** Then a message is missed, not refused. */
    static final Set<String> NOT_ARRIVED =
            phrases(
                    """
                    noch, bisher, bislang, da, bekommen, bekomme, bekam, erhalten, erhalte,
                    erhielt, kriege, kam, kamen, kommt, kommen, gekommen, angekommen, gibt,
                    warum, wieso, habe kein, habe keine, hab kein, hab keine, haben keine,
                    yet, still, get, got, receive, received, arrived, came, there, why,
                    have no, encore, recu, recois, pourquoi, ancora, ricevuto, ricevo,
                    arrivato, todavia, aun, recibido, recibi, recibo, llegado, llego, nog,
                    gekregen, krijg, ontvangen, waarom, jeszcze, dostalem, dostalam,
                    otrzymalem, otrzymalam, dlaczego, henuz, hala
                    """);

    /** "not … message", where "message" is what shall not be done. */
    static final Set<String> NOT_TO = words("not dont don never");

    /** What may stand between the two. */
    static final Set<String> BEFORE_VERB = words("ever again even please");

    static final Set<String> CONSENT =
            words(
                    """
                    einwilligung einwilligungen zustimmung einverstandnis erlaubnis consent
                    permission consentement consenso consentimiento toestemming zgode zgody
                    onay onayimi riza rizami iznimi
                    """);

    /** Everyday words, for what one agrees to or shows at a counter, unless they are one's own. */
    static final Set<String> CONSENT_IF_MINE =
            words(
                    """
                    accord autorisation autorizzazione autorizacion permiso
                    """);

    static final Set<String> MINE = words("mon mia mi");

    /** What is done to a consent; of several words all are said, apart or together. */
    static final Set<String> WITHDRAWING =
            phrases(
                    """
                    widerrufe, widerrufen, widerruf, ziehe zuruck, ziehen zuruck, zuruckziehen,
                    zuruckzuziehen, zuruckgezogen, nehme zuruck, nehmen zuruck, zurucknehmen,
                    entziehe, entziehen, withdraw, withdrawing, withdrawn, withdrawal, revoke,
                    revoking, revoque, revoquer, revoco, revocar, revocare, trek in, intrekken,
                    herroep, herroepen, wycofuje, wycofac, cofam, cofnac, geri cekiyorum
                    """);

    /** What is done to cars and appointments as well, so only beside the consent. */
    static final Set<String> TAKING_BACK =
            phrases(
                    """
                    take back, retire, retirer, retiro, retirar, ritiro, ritirare, odwoluje,
                    odwolac, geri aliyorum, iptal ediyorum
                    """);

    static final Set<String> PHRASES =
            phrases(
                    """
                    in ruhe lassen, lass mich in ruhe, lasst mich in ruhe,
                    lassen sie mich in ruhe, leave me alone, remove me, take me off,
                    unsubscribe me, opt me out, aus dem verteiler, darme de baja,
                    dame de baja, laisse moi tranquille, laissez moi tranquille,
                    lasciatemi in pace, laat me met rust, dajcie mi spokoj, mesaj atmayin,
                    mesaj istemiyorum, reklam istemiyorum, yazmayin, no mas mensajes,
                    arretez de m, arrete de m, arretez d ecrire, arretez d envoyer,
                    arretez les messages, arretez les sms, arretez les pubs,
                    nicht mehr einverstanden, no longer consent, no longer agree,
                    plus d accord
                    """);

    private static Set<String> words(String listed) {
        return Set.of(listed.split("\\s+"));
    }

    private static Set<String> phrases(String listed) {
        return Set.of(listed.strip().split(",\\s+"));
    }
}
