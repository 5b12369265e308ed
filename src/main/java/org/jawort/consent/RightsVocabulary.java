package org.jawort.consent;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The words by which people ask for their rights, by language: what shall be done, to what, and
 * whose it is. As they are written; compared after {@link TextFolding}, of German also as typed
 * without umlauts ("loeschen").
 */
final class RightsVocabulary {

    /** What a word can be in such a request. */
    enum Role {
        /** An order or the name of the deed: "löschen", "deletion". */
        ERASE,
        /** Forms that may as well tell or forbid: "gelöscht", "silmeyin". */
        ERASED,
        /** Asks for a copy of what stands beside it. */
        ACCESS,
        /** Asks for it also if nothing else is said, or a law: "Auskunft". */
        INFORMATION,
        REQUEST,
        /** Can mean nothing else. */
        ACCESS_ALONE,
        PORTABLE,
        PORTABLE_ALONE,
        RECTIFY,
        RESTRICT,
        /** A noun, which says it of the processing without saying whose. */
        RESTRICTION,
        OBJECT,
        PROCESSING,
        DATA,
        /** Says as well whose they are. */
        OWN_DATA,
        /** Data if they are about the person. */
        DETAILS,
        /** What people have at a dealer, and who wants it gone may want the data gone. */
        ACCOUNT,
        MINE,
        /** "personal": nobody speaks so of anything but people's data. */
        PERSONAL,
        /** Stands between "my" and "data". */
        QUALIFIER,
        WHICH,
        STORED,
        NEED,
        ALL,
        SEND,
        ME,
        LAW,
        ARTICLE
    }

    private static final Map<String, String> WRITTEN = new LinkedHashMap<>();

    static {
        WRITTEN.put(
                "de",
                """
                ERASE: lösche lösch löscht löschen löschung entfernen entfernung entferne vernichten vernichtung datenlöschung
                ERASED: gelöscht gelöschten entfernt löschst löschten
                ACCESS: kopie kopien abschrift einsicht zugang
                INFORMATION: auskunft selbstauskunft
                REQUEST: anfrage antrag ersuchen
                ACCESS_ALONE: datenauskunft auskunftsersuchen auskunftsverlangen
                PORTABLE: übertragbarkeit übertragung
                PORTABLE_ALONE: datenübertragbarkeit datenportabilität
                RECTIFY: berichtigen berichtigung berichtige berichtigt korrigieren korrigiere korrigiert korrektur
                RESTRICT: einschränken einschränkt eingeschränkt schränken schränke schränkt
                RESTRICTION: einschränkung
                OBJECT: widerspreche widersprechen widerspruch
                PROCESSING: verarbeitung nutzung verwendung weitergabe speicherung datenverarbeitung datennutzung datenspeicherung
                DATA: daten kontaktdaten kundendaten datenlöschung
                OWN_DATA: datenverarbeitung datennutzung datenspeicherung personendaten
                DETAILS: informationen angaben
                ACCOUNT: konto account kundenkonto benutzerkonto profil nummer telefonnummer handynummer rufnummer chatverlauf
                MINE: mein meine meinen meiner meinem
                PERSONAL: personenbezogene personenbezogenen personenbezogener persönliche persönlichen persönlicher
                QUALIFIER: gesamten ganzen sämtlichen gespeicherten erhobenen vorhandenen eigenen privaten kompletten
                WHICH: welche welcher was
                STORED: gespeichert gespeicherten
                NEED: brauchen braucht brauche brauchst benötigen benötigt benötige fehlen fehlt
                ALL: alle sämtliche
                SEND: schicken senden geben schickt gebt schick sende übermitteln
                ME: mir
                LAW: dsgvo gdpr datenschutzgrundverordnung grundverordnung bdsg
                ARTICLE: art artikel artikeln
                """);
        WRITTEN.put(
                "en",
                """
                ERASE: delete erase deletion erasure remove destroy wipe
                ERASED: deleted deleting erased erasing removed removing removal deletes erases
                ACCESS: copy copies access
                ACCESS_ALONE: dsar
                REQUEST: request
                PORTABLE: portability
                RECTIFY: correct rectify correction rectification
                RESTRICT: restrict limit
                RESTRICTION: restriction
                OBJECT: object objection objecting
                PROCESSING: processing use usage sharing
                DATA: data
                DETAILS: information info details records
                ACCOUNT: account profile number
                MINE: my
                PERSONAL: personal
                QUALIFIER: own stored private whole entire contact customer user subject
                WHICH: what which
                STORED: stored
                NEED: need needed require required missing
                ALL: all
                SEND: send give provide
                ME: me
                LAW: gdpr dsgvo
                ARTICLE: art article articles
                """);
        WRITTEN.put(
                "fr",
                """
                ERASE: supprimer supprimez supprime suppression effacer effacez efface effacement
                ERASED: supprimé supprimée supprimées supprimés supprimiez effacé effacées effaciez
                ACCESS: copie accès accéder
                PORTABLE: portabilité
                RECTIFY: rectifier rectifiez rectification corriger corrigez correction
                RESTRICT: limiter limitez
                RESTRICTION: limitation
                OBJECT: oppose opposer opposition
                PROCESSING: traitement utilisation
                DATA: données
                DETAILS: informations
                ACCOUNT: compte profil numéro
                MINE: mes mon
                PERSONAL: personnelles
                QUALIFIER: propres
                WHICH: quelles
                STORED: stockées enregistrées conservées
                NEED: besoin faut
                ALL: toutes
                SEND: envoyez envoyer donnez
                ME: moi
                LAW: rgpd gdpr
                ARTICLE: art article articles
                """);
        WRITTEN.put(
                "it",
                """
                ERASE: cancellare cancellate cancella cancelli cancellazione eliminare eliminate elimina eliminazione rimuovere
                ERASED: cancellati eliminati cancelliate cancellato
                ACCESS: copia accesso accedere
                PORTABLE: portabilità
                RECTIFY: rettificare rettificate rettifica correggere correggete
                RESTRICT: limitare limitate
                RESTRICTION: limitazione
                OBJECT: oppongo oppormi opposizione opporre
                PROCESSING: trattamento utilizzo
                DATA: dati
                DETAILS: informazioni
                ACCOUNT: account profilo numero
                MINE: miei mio
                PERSONAL: personali
                QUALIFIER: propri
                WHICH: quali
                STORED: memorizzati conservati
                NEED: servono bisogno occorrono
                ALL: tutti
                SEND: inviate mandate inviatemi mandatemi
                ME: mi
                LAW: gdpr rgpd
                ARTICLE: art articolo
                """);
        WRITTEN.put(
                "es",
                """
                ERASE: borrar borren borre borra borrad borrado eliminar eliminen elimine elimina eliminación suprimir supriman suprima supresión
                ERASED: borrados eliminados borraron eliminaron suprimidos
                ACCESS: copia acceso acceder
                PORTABLE: portabilidad
                RECTIFY: rectificar rectifiquen rectificación corregir corrijan
                RESTRICT: limitar limiten
                RESTRICTION: limitación
                OBJECT: opongo oponerme oposición
                PROCESSING: tratamiento uso
                DATA: datos
                DETAILS: información
                ACCOUNT: cuenta perfil número
                MINE: mis mi
                PERSONAL: personales
                QUALIFIER: propios
                WHICH: qué cuáles
                STORED: almacenados guardados
                NEED: necesitan necesita necesitas faltan
                ALL: todos
                SEND: envíen envíenme enviar
                ME: me
                LAW: rgpd gdpr
                ARTICLE: art artículo
                """);
        WRITTEN.put(
                "nl",
                """
                ERASE: verwijder verwijderen verwijdering wissen wis
                ERASED: verwijderd verwijdert gewist
                ACCESS: kopie inzage toegang
                PORTABLE: overdraagbaarheid
                PORTABLE_ALONE: gegevensoverdraagbaarheid dataportabiliteit
                RECTIFY: corrigeer corrigeren rectificeren rectificatie
                RESTRICT: beperken beperk
                RESTRICTION: beperking
                OBJECT: bezwaar
                PROCESSING: verwerking gebruik
                DATA: gegevens persoonsgegevens data
                OWN_DATA: persoonsgegevens
                ACCOUNT: account profiel nummer
                MINE: mijn
                PERSONAL: persoonlijke
                QUALIFIER: opgeslagen eigen
                WHICH: welke
                STORED: opgeslagen
                NEED: nodig
                ALL: alle
                SEND: stuur sturen
                ME: mij me
                LAW: avg gdpr
                ARTICLE: art artikel
                """);
        WRITTEN.put(
                "pl",
                """
                ERASE: usuń usunąć usuńcie usunięcie usunięcia skasuj skasować skasowanie
                ERASED: usunięte usunięto skasowane usuwać usuwanie usuwania usuwajcie
                ACCESS: kopię kopia kopii dostęp dostępu
                PORTABLE: przenoszenie przeniesienie
                RECTIFY: sprostować sprostowanie poprawić poprawcie
                RESTRICT: ograniczyć
                RESTRICTION: ograniczenie
                OBJECT: sprzeciw sprzeciwiam
                PROCESSING: przetwarzanie przetwarzania przetwarzaniu
                DATA: dane danych
                ACCOUNT: konto profil numer
                MINE: moje moich mój
                PERSONAL: osobowe osobowych
                QUALIFIER: wszystkie wszystkich
                WHICH: jakie
                STORED: przechowywane
                NEED: potrzebne potrzebujecie
                ALL: wszystkie
                SEND: wyślijcie przyślijcie
                ME: mi
                LAW: rodo gdpr
                ARTICLE: art artykuł
                """);
        WRITTEN.put(
                "tr",
                """
                ERASE: sil silin siliniz silinsin silinmesini
                ERASED: silme silmeyin silmeyiniz silmek silindi silmeniz silmenizi sildiniz silinmesin
                ACCESS: kopyasını kopyası erişim
                RECTIFY: düzeltin düzeltilmesini
                RESTRICT: kısıtlayın kısıtlanmasını
                OBJECT: itiraz
                PROCESSING: işlenmesine işlenmesi
                OWN_DATA: verilerimi verilerimin verilerime bilgilerimi
                ACCOUNT: hesabımı profilimi
                MINE: benim
                PERSONAL: kişisel
                WHICH: hangi
                DATA: verileri veriler
                STORED: saklıyorsunuz
                LAW: kvkk gdpr
                ARTICLE: madde
                """);
    }

    /** "About me", behind or before the data. */
    static final Set<String> ABOUT_ME =
            folded(
                    "über mich, ueber mich, von mir, zu mir, meiner person, about me, on me, sur moi, me concernant,"
                            + " su di, sobre mí, over mij, van mij, o mnie, hakkımda tuttuğunuz");

    /** What forbids or denies; whoever says it besides has asked for nothing that is clear. */
    static final Set<String> NEGATIONS =
            Stream.concat(
                            NearStopWords.NEGATIONS.stream(),
                            words(
                                    "nein ohne keines keinesfalls niemals t cannot cant without jamais sans senza"
                                            + " nunca jamás sin nee nooit zonder nie bez nigdy değil asla"))
                    .collect(Collectors.toUnmodifiableSet());

    /** Between what is wanted and the law that grants it. */
    static final Set<String> BY =
            words("nach gemäß gemaess gem lt laut under").collect(Collectors.toUnmodifiableSet());

    /** What only the law calls so: a voucher's use may be restricted, too. */
    static final Set<String> OF_THE_LAW =
            words(
                            """
                            verarbeitung datenverarbeitung processing traitement trattamento tratamiento verwerking
                            przetwarzanie przetwarzania przetwarzaniu işlenmesine işlenmesi""")
                    .collect(Collectors.toUnmodifiableSet());

    /** "Löschen Sie" orders; "Sie löschen" and "ich lösche" tell. */
    static final Set<String> SUBJECTS =
            words(
                            "ich sie ihr wir i you we je j vous tu nous io voi lei yo usted ustedes ik u jij je jullie ja")
                    .collect(Collectors.toUnmodifiableSet());

    /** The first person's, unless somebody else stands before it: "she wants". */
    static final Set<String> WISHES =
            words("möchte moechte will verlange fordere beantrage want would like request demand")
                    .collect(Collectors.toUnmodifiableSet());

    static final Set<String> OTHERS = Set.of("sie", "you");

    /** Courtesy, which says nothing. */
    static final Set<String> COURTESY =
            words(
                            """
                            bitte danke vielen dank guten tag hallo hi hello hey please thanks thank you kindly bonjour merci svp
                            s il vous te plaît buongiorno grazie per favore hola gracias por favor alstublieft alsjeblieft
                            bedankt proszę dziękuję lütfen teşekkürler merhaba mfg lg vg
                            """)
                    .collect(Collectors.toUnmodifiableSet());

    /**
     * What may stand beside an order to erase that is carried out without anybody having read it.
     * It holds no word that forbids, asks, tells of the past or sets a condition.
     */
    static final Set<String> PLAIN =
            Stream.concat(
                            COURTESY.stream(),
                            words(
                                    """
                                    ich möchte moechte will dass daß sie mir mich von über ueber zu zur person alle alles all sofort umgehend
                                    unverzüglich unverzueglich jetzt heute vollständig vollstaendig komplett endgültig endgueltig
                                    gemäß gemaess nach laut der die den des und dann danach hiermit verlange fordere beantrage antrag auf um
                                    liebe lieber sehr geehrte damen herren frau team freundlichen grüßen gruessen gruß gruss mit
                                    freundliche grüße gruesse aus ihrem eurem ihren euren system systemen datenbank lassen sämtliche saemtliche eine
                                    i want you to would like d request demand hereby wish now immediately today asap of the and then from
                                    your system systems database that under with according kind best regards dear sir madam
                                    completely permanently about me on
                                    je j veux voudrais souhaite souhaiterais demande exige de que la le les l toutes tous
                                    immédiatement maintenant et puis ensuite cordialement au du madame monsieur
                                    voglio vorrei chiedo richiedo tutti tutte i gli di dei che e poi subito immediatamente salve ciao
                                    quiero quisiera deseo solicito pido todos todas los las y luego inmediatamente ahora buenos días
                                    dem im al ik wil graag verzoek u om te het van onmiddellijk nu wel beste dat en dan
                                    o chcę żądam wszystkie wszystkich natychmiast teraz dzień dobry
                                    tüm bütün hemen şimdi istiyorum ve abs lit
                                    """))
                    .collect(Collectors.toUnmodifiableSet());

    /** By language, then by word. */
    static final Map<String, Map<String, Set<Role>>> ROLES = roles();

    /** Without one of them nobody asks for a right: the cheap first look. */
    static final Set<String> TELLING =
            wordsOf(
                    EnumSet.of(
                            Role.INFORMATION,
                            Role.REQUEST,
                            Role.ACCESS_ALONE,
                            Role.PORTABLE_ALONE,
                            Role.PROCESSING,
                            Role.DATA,
                            Role.OWN_DATA,
                            Role.DETAILS,
                            Role.ACCOUNT,
                            Role.STORED,
                            Role.LAW));

    private RightsVocabulary() {}

    private static Map<String, Map<String, Set<Role>>> roles() {
        Map<String, Map<String, Set<Role>>> all = new LinkedHashMap<>();
        WRITTEN.forEach((language, lines) -> all.put(language, roles(lines)));
        return all;
    }

    private static Map<String, Set<Role>> roles(String lines) {
        Map<String, Set<Role>> roles = new HashMap<>();
        for (String line : lines.lines().toList()) {
            Role role = Role.valueOf(line.substring(0, line.indexOf(':')));
            spellings(line.substring(line.indexOf(':') + 1))
                    .forEach(
                            word ->
                                    roles.computeIfAbsent(word, none -> EnumSet.noneOf(Role.class))
                                            .add(role));
        }
        return roles;
    }

    private static Set<String> wordsOf(Set<Role> wanted) {
        return ROLES.values().stream()
                .flatMap(words -> words.entrySet().stream())
                .filter(word -> word.getValue().stream().anyMatch(wanted::contains))
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Stream<String> spellings(String listed) {
        String typed = listed.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue");
        return Stream.concat(words(listed), words(typed));
    }

    private static Stream<String> words(String listed) {
        return Arrays.stream(listed.strip().split("\\s+")).map(RightsVocabulary::key);
    }

    private static Set<String> folded(String listed) {
        return Arrays.stream(listed.split(",\\s*"))
                .map(RightsVocabulary::key)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static String key(String word) {
        return TextFolding.withoutAccents(TextFolding.fold(word));
    }
}
