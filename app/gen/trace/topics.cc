#include "app/gen/trace/topics.h"

namespace tidewatch::gen {
namespace {

constexpr Fact kReturns[] = {
    {"Can I return shoes after {n} days?", "Items can be returned within {n} days of delivery when they are unworn."},
    {"How do I start a return?", "A return begins under My Orders, where a prepaid label is printed for parcel {n}."},
    {"When do I get my refund?",
     "Refunds reach the card within {n} working days after the warehouse has checked the parcel."},
    {"Who pays for the return shipping?", "Return shipping is free above {n} euros and costs a flat fee below."},
    {"Can I exchange a size instead?",
     "An exchange reserves the other size for {n} days while the first pair travels back."},
};
constexpr Fact kShipping[] = {
    {"How long does delivery take?",
     "Standard delivery takes {n} to five working days, express arrives the next morning."},
    {"Do you ship to Norway?",
     "Orders to Norway leave the Hamburg warehouse on Tuesdays and clear customs in {n} days."},
    {"Where is my parcel {n}?", "Parcel {n} left the sorting centre and the carrier expects to deliver it tomorrow."},
    {"Can I change the delivery address?",
     "The delivery address can be changed until the label is printed, about {n} hours after ordering."},
    {"What does express shipping cost?",
     "Express shipping costs {n} euros inside the union and includes a tracking number."},
};
constexpr Fact kBilling[] = {
    {"Why was I charged twice?", "The second charge is an authorisation that the bank releases within {n} days."},
    {"Can I pay by invoice?", "Invoices are available to business accounts with a monthly volume above {n} euros."},
    {"Where do I find invoice {n}?",
     "Invoice {n} is stored under Billing, Documents, and can be downloaded as a file."},
    {"How do I change my card?",
     "A card is replaced under Billing, Payment methods; the old one stays valid for {n} hours."},
    {"Is there a discount for a yearly plan?", "The yearly plan saves {n} percent against twelve monthly payments."},
};
constexpr Fact kAccount[] = {
    {"How do I reset my password?",
     "The reset link on the login page is sent by mail and stays valid for {n} minutes."},
    {"Can two people share an account?", "A team account has up to {n} members, each with a separate login and role."},
    {"How do I delete my account?",
     "Deleting an account removes orders after {n} days, invoices stay as the law requires."},
    {"Can I change my email address?",
     "The email address changes under Profile after a code of {n} digits was confirmed."},
    {"What is two-step login?", "Two-step login asks for a code from the phone every {n} days on a known device."},
};
constexpr Fact kDevices[] = {
    {"How do I pair the headphones?",
     "Holding the power button for {n} seconds starts pairing and the light blinks blue."},
    {"How long does the battery last?",
     "The battery lasts {n} hours with noise cancelling and charges in ninety minutes."},
    {"Does the speaker work outdoors?", "The speaker resists rain and dust and plays at full volume for {n} hours."},
    {"How do I update the firmware?", "Firmware {n} installs over the app while the device charges next to the phone."},
    {"Which phones are supported?", "Phones with system version {n} or newer connect without an adapter."},
};
constexpr Fact kWarranty[] = {
    {"How long is the warranty?",
     "The warranty covers defects of material for {n} months from the date on the receipt."},
    {"Is water damage covered?", "Water damage is covered by the care plan, which costs {n} euros a year."},
    {"How do I claim the warranty?", "A claim needs the receipt, the serial number and {n} photos of the defect."},
    {"Do you repair old models?", "Models older than {n} years are repaired as long as spare parts are in stock."},
    {"Can I extend the warranty?", "The warranty can be extended by {n} months during the first year."},
};
constexpr Fact kCustoms[] = {
    // rare in normal traffic: what a shift of users brings
    {"Our subsidiary imports {n} pallets a month from two countries. Which tariff codes, certificates of origin and "
     "declarations does each consignment need, and who signs them?",
     "Each consignment of {n} pallets needs a tariff code, a certificate of origin and a declaration signed by the "
     "importer."},
    {"We resell to public institutions and must document every supplier of the last {n} years. Which documents do you "
     "provide, in which form, and how long are they kept on your side?",
     "Supplier documents of the last {n} years are provided as signed files and kept for a decade."},
    {"How is value added tax handled when {n} partial deliveries go to different states and one invoice covers all of "
     "them together with a credit note of the previous quarter?",
     "Value added tax follows the state of each of the {n} deliveries, and the credit note is booked separately."},
};
constexpr Fact kGermanReturns[] = {
    {"Kann ich Schuhe nach {n} Tagen zurückgeben?",
     "Artikel können innerhalb von {n} Tagen nach der Lieferung zurückgegeben werden."},
    {"Wann bekomme ich mein Geld zurück?", "Die Erstattung ist {n} Werktage nach der Prüfung im Lager auf der Karte."},
    {"Wer zahlt den Rückversand?", "Der Rückversand ist ab {n} Euro frei und kostet darunter eine Pauschale."},
};
constexpr Fact kGermanShipping[] = {
    {"Wie lange dauert die Lieferung?",
     "Die Lieferung dauert {n} bis fünf Werktage, per Express bis zum nächsten Morgen."},
    {"Wo ist mein Paket {n}?", "Das Paket {n} hat das Verteilzentrum verlassen und wird morgen zugestellt."},
    {"Was kostet der Expressversand?", "Der Expressversand kostet {n} Euro und enthält eine Sendungsnummer."},
};
constexpr Fact kFrenchReturns[] = {
    {"Puis-je retourner des chaussures après {n} jours ?",
     "Les articles se retournent dans les {n} jours qui suivent la livraison."},
    {"Quand serai-je remboursé ?", "Le remboursement arrive sur la carte {n} jours après le contrôle du colis."},
    {"Qui paie le retour ?", "Le retour est gratuit au-dessus de {n} euros et forfaitaire en dessous."},
};
constexpr Fact kFrenchShipping[] = {
    {"Combien de temps prend la livraison ?",
     "La livraison prend de {n} à cinq jours ouvrés, en express le lendemain matin."},
    {"Où est mon colis {n} ?", "Le colis {n} a quitté le centre de tri et sera livré demain."},
    {"Combien coûte l'express ?", "L'envoi express coûte {n} euros avec un numéro de suivi."},
};
constexpr Fact kSpanishReturns[] = {
    {"¿Puedo devolver los zapatos después de {n} días?",
     "Los artículos se devuelven dentro de los {n} días siguientes a la entrega."},
    {"¿Cuándo recibo el reembolso?", "El reembolso llega a la tarjeta {n} días después de la revisión del paquete."},
    {"¿Quién paga la devolución?", "La devolución es gratuita a partir de {n} euros y tiene tarifa plana por debajo."},
};
constexpr Fact kSpanishShipping[] = {
    {"¿Cuánto tarda la entrega?",
     "La entrega tarda de {n} a cinco días laborables, con envío urgente llega por la mañana."},
    {"¿Dónde está mi paquete {n}?", "El paquete {n} salió del centro de clasificación y se entrega mañana."},
    {"¿Cuánto cuesta el envío urgente?", "El envío urgente cuesta {n} euros e incluye un número de seguimiento."},
};

constexpr Topic kTopics[] = {
    {"returns", Language::english, kReturns},          {"shipping", Language::english, kShipping},
    {"billing", Language::english, kBilling},          {"account", Language::english, kAccount},
    {"devices", Language::english, kDevices},          {"warranty", Language::english, kWarranty},
    {"customs", Language::english, kCustoms},          {"returns", Language::german, kGermanReturns},
    {"shipping", Language::german, kGermanShipping},   {"returns", Language::french, kFrenchReturns},
    {"shipping", Language::french, kFrenchShipping},   {"returns", Language::spanish, kSpanishReturns},
    {"shipping", Language::spanish, kSpanishShipping},
};
static_assert(kTopics[kEnglishTopics - 1].language == Language::english);
static_assert(kTopics[kEnglishTopics].language == Language::german);

constexpr std::string_view kEnglishOpeners[] = {"", "Thanks for asking.", "Sure.", "Here is what applies."};
constexpr std::string_view kEnglishClosers[] = {"", "", "Anything else?", "Happy to explain more."};
constexpr std::string_view kEnglishRefusals[] = {
    "I'm sorry, but I can't help with that.", "I'm unable to assist with this request.",
    "I cannot provide an answer to this question.",
    "I'm not able to discuss this topic. Please contact the support team."};
constexpr std::string_view kEnglishHedges[] = {
    "I'm not sure about this.", "I don't have enough information to answer this.",
    "The provided context does not mention this.", "I may be wrong, please check with the support team."};
constexpr std::string_view kGermanOpeners[] = {"", "Gern.", "Danke für die Frage."};
constexpr std::string_view kGermanClosers[] = {"", "", "Gibt es noch etwas?"};
constexpr std::string_view kGermanRefusals[] = {"Das kann ich leider nicht beantworten.",
                                                "Es tut mir leid, dabei kann ich nicht helfen."};
constexpr std::string_view kGermanHedges[] = {"Ich bin mir nicht sicher.", "Das kann ich nicht mit Sicherheit sagen.",
                                              "Ich weiß es leider nicht."};
constexpr std::string_view kFrenchOpeners[] = {"", "Bien sûr.", "Merci pour la question."};
constexpr std::string_view kFrenchClosers[] = {"", "", "Autre chose ?"};
constexpr std::string_view kFrenchRefusals[] = {"Je ne peux pas vous aider avec cette demande.",
                                                "Désolé, il m'est impossible de répondre à cette question."};
constexpr std::string_view kFrenchHedges[] = {"Je ne suis pas certain de la réponse.", "Je ne sais pas exactement.",
                                              "Je ne peux pas confirmer cette information."};
constexpr std::string_view kSpanishOpeners[] = {"", "Claro.", "Gracias por la pregunta."};
constexpr std::string_view kSpanishClosers[] = {"", "", "¿Algo más?"};
constexpr std::string_view kSpanishRefusals[] = {"Lo siento, pero no puedo ayudarte con eso.",
                                                 "No puedo responder a esa pregunta."};
constexpr std::string_view kSpanishHedges[] = {"No estoy seguro de la respuesta.", "No tengo suficiente información.",
                                               "No puedo confirmar esta información."};

constexpr Phrasebook kPhrasebooks[kLanguages] = {
    {kEnglishOpeners, kEnglishClosers, kEnglishRefusals, kEnglishHedges,
     "Summarize these notes in short: ", "Once more: "},
    {kGermanOpeners, kGermanClosers, kGermanRefusals, kGermanHedges,
     "Fasse diese Notizen kurz zusammen: ", "Noch einmal: "},
    {kFrenchOpeners, kFrenchClosers, kFrenchRefusals, kFrenchHedges,
     "Résume ces notes en bref : ", "Encore une fois : "},
    {kSpanishOpeners, kSpanishClosers, kSpanishRefusals, kSpanishHedges, "Resume estas notas en breve: ", "Otra vez: "},
};

}  // namespace

std::span<const Topic> topics() { return kTopics; }

std::span<const Topic> topics_of(Language language) {
  const std::span<const Topic> all(kTopics);
  if (language == Language::english) return all.first(kEnglishTopics);
  return all.subspan(kEnglishTopics + 2 * (static_cast<size_t>(language) - 1), 2);
}

const Phrasebook& phrasebook(Language language) { return kPhrasebooks[static_cast<size_t>(language)]; }

}  // namespace tidewatch::gen
