package org.jawort.consent;

import java.util.Set;

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
                    disiscrivermi wypisac
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

    static final Set<String> COURTESY =
            words(
                    """
                    bitte danke please pls plz thanks thank you svp stp s il te vous plait
                    merci por favor gracias per favore piacere grazie alstublieft alsjeblieft
                    aub bedankt prosze dziekuje lutfen tesekkurler
                    """);

    /** Before or after "stop" it is a thing or a visit, not a wish. */
    static final Set<String> STOP_AS_THING =
            words(
                    """
                    non bus tram one pit truck next over by
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

    static final Set<String> MESSAGES =
            words(
                    """
                    nachricht nachrichten sms whatsapp whatsapps werbung newsletter infos
                    mails message messages texts msgs ads spam mensaje mensajes messaggi
                    messaggio berichten wiadomosci mesaj mesajlar publicidad pubblicita
                    publicite reclame marketing promotions promos werbenachrichten werbemails
                    pub pubs reklam reklamy reklamlar smsy nieuwsbrief
                    """);

    static final Set<String> WRITING =
            words(
                    """
                    schreiben schreibt schreib schicken schickt schick senden sendet
                    kontaktieren kontaktiert anschreiben contact text texting write writing
                    send sending messaging ecrire ecrivez envoyer envoyez enviar
                    envien escribir scrivere scrivetemi mandare sturen schrijven pisac piszcie
                    yazmayin gondermeyin
                    """);

    static final Set<String> WANTING =
            phrases(
                    """
                    mochte, mochten, ich will, wollen, wunsche, brauche, want, wish, need,
                    veux, souhaite, quiero, deseo, voglio, desidero, wil, wens, chce, zycze
                    """);

    /** Then a message is missed, not refused. */
    static final Set<String> NOT_ARRIVED =
            phrases(
                    """
                    habe bekommen, hab bekommen, haben bekommen, habe erhalten, hab erhalten,
                    haben erhalten, bekomme, erhalte, kriege, kam, kamen, kommt, kommen,
                    angekommen, gibt, verpassen, warum, wieso, have, did, got, received,
                    arrived, why, miss, ai, recu, recois, pourquoi, ho, ricevuto, ricevo,
                    recibido, recibi, recibo, llegado, llego, heb, krijg, waarom, dostalem,
                    dostalam, otrzymalem, otrzymalam, dlaczego
                    """);

    static final Set<String> CONSENT =
            words(
                    """
                    einwilligung einwilligungen zustimmung einverstandnis erlaubnis consent
                    permission consentement accord autorisation consenso autorizzazione
                    consentimiento autorizacion permiso toestemming zgoda zgode zgody onay
                    onayimi riza rizami izin iznimi
                    """);

    /** What is done to a consent; of several words all are said, apart or together. */
    static final Set<String> WITHDRAWING =
            phrases(
                    """
                    widerrufe, widerrufen, widerruf, ziehe zuruck, ziehen zuruck, zuruckziehen,
                    zuruckzuziehen, zuruckgezogen, nehme zuruck, nehmen zuruck, zurucknehmen,
                    entziehe, entziehen, withdraw, withdrawing, withdrawn, withdrawal, revoke,
                    revoking, take back, retire, retirer, revoque, revoquer, retiro, retirar,
                    revoco, revocar, ritiro, ritirare, revocare, trek in, intrekken, herroep,
                    herroepen, wycofuje, wycofac, cofam, cofnac, odwoluje, odwolac,
                    geri aliyorum, geri cekiyorum, iptal ediyorum
                    """);

    static final Set<String> PHRASES =
            phrases(
                    """
                    in ruhe lassen, lass mich in ruhe, lasst mich in ruhe,
                    lassen sie mich in ruhe, leave me alone, dont message me, don t message me, not message me, never message me, remove me, take me off,
                    unsubscribe me, opt me out, aus dem verteiler, melde mich ab,
                    melden sie mich ab, melde dich ab, bestelle ab, darme de baja,
                    dame de baja, laisse moi tranquille, laissez moi tranquille,
                    lasciatemi in pace, laat me met rust, dajcie mi spokoj, mesaj atmayin,
                    mesaj istemiyorum, yazmayin, no mas mensajes, hort auf, hor auf,
                    horen sie auf, arretez de m, arrete de m, arretez d, arretez les,
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
