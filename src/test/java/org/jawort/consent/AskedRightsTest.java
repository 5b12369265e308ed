package org.jawort.consent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jawort.message.Channel;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AskedRightsTest {

    /** What was written, the rights, the language. Nobody has to ask what is meant. */
    static final String CLEAR =
            """
            Auskunft | ACCESS | de
            Auskunft bitte | ACCESS | de
            Bitte um Auskunft | ACCESS | de
            Ich bitte Sie um Auskunft. Danke! | ACCESS | de
            Auskunft gem. Art. 15 DSGVO | ACCESS | de
            Auskunft nach Artikel 15 der DSGVO | ACCESS | de
            Ich verlange Auskunft nach DSGVO | ACCESS | de
            Datenauskunft | ACCESS | de
            Selbstauskunft | ACCESS | de
            DSGVO-Auskunft | ACCESS | de
            Guten Tag, ich war im Mai bei Ihnen und hätte gern eine Auskunft über meine Daten. | ACCESS | de
            Welche Daten haben Sie über mich gespeichert? | ACCESS | de
            Was habt ihr eigentlich alles über mich gespeichert? | ACCESS | de
            Können Sie mir eine Kopie aller meiner Daten schicken? | ACCESS | de
            Schicken Sie mir bitte alle meine Daten zu | ACCESS | de
            Ich möchte Einsicht in meine personenbezogenen Daten | ACCESS | de
            Hiermit stelle ich einen Antrag nach Art. 15 Abs. 1 DSGVO. | ACCESS | de
            GDPR request | ACCESS | en
            Subject access request | ACCESS | en
            Hello, this is a subject access request, please handle it. | ACCESS | en
            What data do you have about me? | ACCESS | en
            Which personal information do you hold about me? | ACCESS | en
            send me a copy of all my data | ACCESS | en
            Could you give me access to my personal data please? | ACCESS | en
            I request access under Art. 15 GDPR | ACCESS | en
            accès à mes données | ACCESS | fr
            Je voudrais une copie de mes données personnelles. | ACCESS | fr
            Quelles données avez-vous sur moi ? | ACCESS | fr
            Vorrei accedere ai miei dati personali | ACCESS | it
            Quali dati avete su di me? | ACCESS | it
            Quiero acceso a mis datos | ACCESS | es
            ¿Qué datos tienen sobre mí? | ACCESS | es
            Graag inzage in mijn gegevens | ACCESS | nl
            Welke gegevens hebben jullie over mij? | ACCESS | nl
            Proszę o kopię moich danych | ACCESS | pl
            Jakie dane o mnie przechowujecie? | ACCESS | pl
            Kişisel verilerimin kopyasını istiyorum | ACCESS | tr
            Datenübertragbarkeit | PORTABILITY | de
            Ich möchte mein Recht auf Datenübertragbarkeit nutzen | PORTABILITY | de
            I would like to use my right to data portability | PORTABILITY | en
            Je demande la portabilité de mes données | PORTABILITY | fr
            Chiedo la portabilità dei dati | PORTABILITY | it
            Solicito la portabilidad de mis datos | PORTABILITY | es
            Request under Art. 20 GDPR | PORTABILITY | en
            Berichtigung meiner Daten | RECTIFY | de
            Könnten Sie bitte meine Kontaktdaten korrigieren? | RECTIFY | de
            please rectify my data | RECTIFY | en
            correct my data | RECTIFY | en
            Merci de corriger mes données | RECTIFY | fr
            Vorrei rettificare i miei dati | RECTIFY | it
            Por favor rectifiquen mis datos | RECTIFY | es
            Proszę o sprostowanie moich danych | RECTIFY | pl
            Einschränkung der Verarbeitung | RESTRICT | de
            Bitte schränken: Einschränkung der Verarbeitung meiner Daten | RESTRICT | de
            Schränken Sie bitte die Verarbeitung meiner Daten ein | RESTRICT | de
            restrict the processing of my data | RESTRICT | en
            Je demande la limitation du traitement de mes données | RESTRICT | fr
            Ich widerspreche der Verarbeitung meiner Daten | OBJECT | de
            Hiermit lege ich Widerspruch gegen die Verarbeitung meiner personenbezogenen Daten ein. | OBJECT | de
            Ich widerspreche der Nutzung meiner Daten für Werbung | OBJECT | de
            Widerspruch nach Art. 21 DSGVO | OBJECT | de
            I object to the processing of my data | OBJECT | en
            Je m'oppose au traitement de mes données | OBJECT | fr
            Mi oppongo al trattamento dei miei dati personali | OBJECT | it
            Me opongo al tratamiento de mis datos | OBJECT | es
            Ik maak bezwaar tegen de verwerking van mijn gegevens | OBJECT | nl
            Wnoszę sprzeciw wobec przetwarzania moich danych | OBJECT | pl
            Daten löschen | ERASE | de
            daten bitte löschen | ERASE | de
            Bitte Daten löschen | ERASE | de
            Datenlöschung | ERASE | de
            Bitte löschen Sie alle meine Daten | ERASE | de
            Löschen Sie bitte meine Daten | ERASE | de
            Ich möchte, dass Sie alle meine personenbezogenen Daten löschen | ERASE | de
            Lösch meine Daten!!! | ERASE | de
            Ich verlange die Löschung meiner Daten nach Art. 17 DSGVO. | ERASE | de
            Hallo, bitte alle Daten von mir löschen. Vielen Dank! | ERASE | de
            Sehr geehrte Damen und Herren, ich bitte Sie, meine Daten umgehend zu löschen. Mit freundlichen Grüßen | ERASE | de
            Alle Daten löschen | ERASE | de
            delete my data | ERASE | en
            erase all my data | ERASE | en
            Please delete all of my data | ERASE | en
            Please erase my personal data | ERASE | en
            I want you to delete my data immediately | ERASE | en
            I would like to request the deletion of my personal data. Thank you | ERASE | en
            Supprimez toutes mes données | ERASE | fr
            Je demande l'effacement de mes données personnelles | ERASE | fr
            Bonjour, je voudrais supprimer mes données s'il vous plaît | ERASE | fr
            Voglio cancellare tutti i miei dati | ERASE | it
            Chiedo la cancellazione dei miei dati personali | ERASE | it
            Quiero que borren mis datos | ERASE | es
            Solicito la eliminación de todos mis datos | ERASE | es
            Verwijder al mijn gegevens | ERASE | nl
            Ik wil mijn persoonlijke gegevens verwijderen | ERASE | nl
            Proszę o usunięcie moich danych | ERASE | pl
            Chcę usunąć wszystkie moje dane osobowe | ERASE | pl
            Lütfen tüm verilerimi silin | ERASE | tr
            verilerimi sil | ERASE | tr
            Auskunft über meine Daten und dann löschen Sie meine Daten | ACCESS ERASE | de
            correct my data, then delete my data | RECTIFY ERASE | en
            """;

    /** Heard, and nothing is done until somebody has said what is meant. */
    static final String UNCLEAR =
            """
            Please do not delete my data | ERASE | en
            Don't delete my data! | ERASE | en
            never delete my data please | ERASE | en
            Bitte löschen Sie meine Daten nicht | ERASE | de
            Bitte meine Daten auf keinen Fall löschen | ERASE | de
            Niemals meine Daten löschen! | ERASE | de
            Can you tell me how I can delete my data? | ERASE | en
            Did you delete my data? | ERASE | en
            Bitte alle Daten löschen, ich will nichts mehr mit euch zu tun haben. | ERASE | de
            Können Sie bitte alle Daten löschen? | ERASE | de
            Ich möchte eine Datenlöschung beantragen | ERASE | de
            Meine mobile Datennutzung ist seit gestern eingeschränkt. | RESTRICT | de
            I reached the limit of my data usage | RESTRICT | en
            Did you delete my data | ERASE | en
            You want to delete my data | ERASE | en
            Sie löschen meine Daten | ERASE | de
            Sie möchte meine Daten löschen | ERASE | de
            Ich lösche meine Daten | ERASE | de
            Wie kann ich meine Daten löschen? | ERASE | de
            Haben Sie meine Daten gelöscht? | ERASE | de
            Meine Daten wurden gelöscht, ich kann mich nicht mehr anmelden | ERASE | de
            Wann löschen Sie eigentlich meine Daten | ERASE | de
            Wenn der Kauf durch ist, löschen Sie bitte meine Daten | ERASE | de
            Löschen Sie meine Daten erst nach der Rechnung | ERASE | de
            Löschen Sie die Daten | ERASE | de
            Bitte löschen Sie mein Kundenkonto | ERASE | de
            Könnt ihr meine Nummer löschen? | ERASE | de
            Please delete my account | ERASE | en
            I want you to delete all my data now, and I mean every single copy of it | ACCESS ERASE | en
            I want my data deleted | ERASE | en
            Was regelt Art. 17 DSGVO? | ERASE | de
            Kann ich der Verarbeitung meiner Daten widersprechen? | OBJECT | de
            Ich widerspreche der Verarbeitung meiner Daten nicht | OBJECT | de
            I do not object to the processing of my data | OBJECT | en
            Ich brauche keine Auskunft über meine Daten | ACCESS | de
            Ne supprimez pas mes données | ERASE | fr
            N'effacez jamais mes données | ERASE | fr
            Comment supprimer mes données ? | ERASE | fr
            Non cancellate i miei dati | ERASE | it
            No borren mis datos | ERASE | es
            ¿Pueden borrar mis datos? | ERASE | es
            Verwijder mijn gegevens niet | ERASE | nl
            Proszę nie usuwać, czyli nie skasować moich danych | ERASE | pl
            Nie usuń moich danych | ERASE | pl
            Verilerimi silmeyin | ERASE | tr
            verilerimi silme | ERASE | tr
            """;

    /** Everyday messages. */
    static final String NONE =
            """
            Die Einschränkung der Nutzung des Gutscheins ist ärgerlich.
            There is a restriction on use in your terms
            Ich hätte gern Auskunft zu Artikel 4711
            Wann startet die Übertragung der Daten ins neue Auto?
            Bitte löschen Sie den Termin
            Können Sie den Termin am Freitag löschen und neu eintragen?
            Können Sie mir Auskunft zum Liefertermin geben?
            Ich hätte gern eine Auskunft zu meiner Rechnung
            Wer kann mir Auskunft über den Leasingvertrag geben?
            Anbei die unterschriebene Selbstauskunft für die Finanzierung
            Bitte löschen Sie die letzte Nachricht
            Meine Daten haben sich geändert, ich wohne jetzt in Bremen
            Ich habe Ihnen meine Daten gestern geschickt
            Hier meine Daten: Erika Muster, Hauptstraße 1, Bremen
            Welche Daten brauchen Sie von mir für die Probefahrt?
            Haben Sie die technischen Daten vom Golf?
            Können Sie mir die Daten des Fahrzeugs senden?
            Die Kopie vom Fahrzeugschein bringe ich mit
            Ich schicke Ihnen eine Kopie meines Ausweises
            Gibt es Zugang zum Parkplatz?
            Mein Konto wurde doppelt belastet
            Die Rechnung bitte auf mein Kundenkonto buchen
            Der Fehler ist im Bordcomputer gelöscht
            Fehlerspeicher löschen, was kostet das?
            Können Sie das Navi auf Werkseinstellung setzen und alles löschen?
            Bitte korrigieren Sie die Rechnung
            Die Angaben im Angebot stimmen nicht, bitte korrigieren
            Ich widerspreche der Rechnung vom 3. Mai
            Die Verarbeitung am Kotflügel ist schlecht
            Die Nutzung der Werkstatt ist eingeschränkt?
            Datenblatt bitte
            Was sagen die Daten zur Reichweite?
            Meine Nummer ist 0151 2345678
            Unter welcher Nummer erreiche ich Sie?
            Artikel 17 aus dem Katalog ist nicht lieferbar
            Ich möchte Artikel 15 bestellen
            Wir haben ein Problem mit dem Profil der Reifen
            Entfernen Sie bitte die Dachbox
            Kann ich bei Ihnen meine Daten angeben oder muss ich anrufen?
            delete my appointment
            Please delete the last order
            Can you remove the scratch?
            I need data about the car
            Do you have data on the fuel consumption?
            What data do you need about me for the test drive?
            I sent you my data yesterday
            My data is correct
            My address has changed
            What is the access code for the garage?
            Please send me a copy of the invoice
            My account number is on the contract
            Which information do you need?
            We have limited stock
            I object to the price
            Thanks for processing my order so fast
            Article 15 of your catalogue is out of stock
            Pouvez-vous supprimer mon rendez-vous ?
            Voici mes données : Marie Dupont, Lyon
            Quelles sont les données techniques du véhicule ?
            J'ai besoin d'une copie de la facture
            Posso cancellare l'appuntamento?
            Ecco i miei dati per il contratto
            Quali sono i dati tecnici?
            Quiero cancelar la cita
            Estos son mis datos para el contrato
            Necesito una copia de la factura
            Hier zijn mijn gegevens voor de proefrit
            Kunt u de afspraak verwijderen?
            Een kopie van de factuur graag
            Oto moje dane do umowy
            Proszę usunąć wizytę
            Potrzebuję kopii faktury
            Randevumu silin
            Bilgi almak istiyorum
            Guten Tag, wann öffnen Sie?
            Danke für die schnelle Auskunft!
            Vielen Dank für Ihre Auskunft zum Preis
            """;

    static Stream<Arguments> clear() {
        return requests(CLEAR);
    }

    static Stream<Arguments> unclear() {
        return requests(UNCLEAR);
    }

    static Stream<String> none() {
        return NONE.lines();
    }

    @ParameterizedTest(name = "CON-14, DSR-1, DSR-3 {0}")
    @MethodSource("clear")
    void readsTheRightFromTheWords(String text, Set<Right> rights, String language) {
        AskedRights asked = AskedRights.of(text);

        assertThat(asked).isEqualTo(new AskedRights(rights, true, language));
        assertThat(Keywords.DEFAULT.read(text, Channel.WHATSAPP, null))
                .isInstanceOf(Reading.DataRequest.class);
    }

    @ParameterizedTest(name = "DSR-1, DSR-7 {0}")
    @MethodSource("unclear")
    void leavesToAHumanWhatIsNotClear(String text, Set<Right> rights, String language) {
        assertThat(AskedRights.of(text)).isEqualTo(new AskedRights(rights, false, language));
    }

    @ParameterizedTest(name = "CON-14 {0}")
    @MethodSource("none")
    void readsNoRequestFromEverydayWords(String text) {
        assertThat(AskedRights.of(text).rights()).isEmpty();
    }

    @Test
    @DisplayName(
            "CON-10, DSR-7: a piece of a text asks for a copy as a whole one does, and erases nobody")
    void takesNothingOnAPiece() {
        assertThat(AskedRights.of("Auskunft über meine Daten").inPart().clear()).isTrue();
        assertThat(AskedRights.of("Bitte löschen Sie meine Daten").inPart().clear()).isFalse();
        assertThat(
                        AskedRights.of("Ich widerspreche der Verarbeitung meiner Daten")
                                .inPart()
                                .clear())
                .isFalse();
    }

    private static Stream<Arguments> requests(String table) {
        return table.lines()
                .map(line -> line.split(" \\| "))
                .map(
                        cells ->
                                Arguments.of(
                                        cells[0],
                                        Arrays.stream(cells[1].split(" "))
                                                .map(Right::valueOf)
                                                .collect(Collectors.toSet()),
                                        cells[2]));
    }
}
