#include "app/gen/trace/topics.h"

namespace tidewatch::gen {
namespace {

constexpr Fact kReturns[] = {
    {"Can I return shoes after {n} days?", "Is it still possible to send back a pair I got {n} days ago?",
     "Items can be returned within {n} days of delivery when they are unworn."},
    {"How do I start a return?", "What are the steps to send something back?",
     "A return begins under My Orders, where a prepaid label is printed for parcel {n}."},
    {"When do I get my refund?", "How long until the money is on my card again?",
     "Refunds reach the card within {n} working days after the warehouse has checked the parcel."},
    {"Who pays for the return shipping?", "Does sending it back cost me anything?",
     "Return shipping is free above {n} euros and costs a flat fee below."},
    {"Can I exchange a size instead?", "I need another size, can you swap it?",
     "An exchange reserves the other size for {n} days while the first pair travels back."},
};
constexpr Fact kShipping[] = {
    {"How long does delivery take?", "When will an order arrive?",
     "Standard delivery takes {n} to five working days, express arrives the next morning."},
    {"Do you ship to Norway?", "Is Norway among the countries you deliver to?",
     "Orders to Norway leave the Hamburg warehouse on Tuesdays and clear customs in {n} days."},
    {"Where is my parcel {n}?", "Parcel {n} has not come, what is its status?",
     "Parcel {n} left the sorting centre and the carrier expects to deliver it tomorrow."},
    {"Can I change the delivery address?", "The order should go to another address, is that possible?",
     "The delivery address can be changed until the label is printed, about {n} hours after ordering."},
    {"What does express shipping cost?", "How much more do I pay for express?",
     "Express shipping costs {n} euros inside the union and includes a tracking number."},
};
constexpr Fact kBilling[] = {
    {"Why was I charged twice?", "There are two payments on my card, what happened?",
     "The second charge is an authorisation that the bank releases within {n} days."},
    {"Can I pay by invoice?", "Is invoice among the ways to pay?",
     "Invoices are available to business accounts with a monthly volume above {n} euros."},
    {"Where do I find invoice {n}?", "I need to download invoice {n}.",
     "Invoice {n} is stored under Billing, Documents, and can be downloaded as a file."},
    {"How do I change my card?", "I want to pay with a new card from now on.",
     "A card is replaced under Billing, Payment methods; the old one stays valid for {n} hours."},
    {"Is there a discount for a yearly plan?", "Do I save something when I pay for the whole year?",
     "The yearly plan saves {n} percent against twelve monthly payments."},
};
constexpr Fact kAccount[] = {
    {"How do I reset my password?", "I forgot my password and cannot log in.",
     "The reset link on the login page is sent by mail and stays valid for {n} minutes."},
    {"Can two people share an account?", "May my colleague use the same account as me?",
     "A team account has up to {n} members, each with a separate login and role."},
    {"How do I delete my account?", "Please tell me how to close my account for good.",
     "Deleting an account removes orders after {n} days, invoices stay as the law requires."},
    {"Can I change my email address?", "My mail has changed, where do I enter the new one?",
     "The email address changes under Profile after a code of {n} digits was confirmed."},
    {"What is two-step login?", "What does the login with two steps mean?",
     "Two-step login asks for a code from the phone every {n} days on a known device."},
};
constexpr Fact kDevices[] = {
    {"How do I pair the headphones?", "The headphones do not connect to my phone, what do I press?",
     "Holding the power button for {n} seconds starts pairing and the light blinks blue."},
    {"How long does the battery last?", "After how many hours is the battery empty?",
     "The battery lasts {n} hours with noise cancelling and charges in ninety minutes."},
    {"Does the speaker work outdoors?", "Can the speaker stand rain?",
     "The speaker resists rain and dust and plays at full volume for {n} hours."},
    {"How do I update the firmware?", "Where is the newest firmware and how is it installed?",
     "Firmware {n} installs over the app while the device charges next to the phone."},
    {"Which phones are supported?", "Will it work with my phone?",
     "Phones with system version {n} or newer connect without an adapter."},
};
constexpr Fact kWarranty[] = {
    {"How long is the warranty?", "For how many months am I covered?",
     "The warranty covers defects of material for {n} months from the date on the receipt."},
    {"Is water damage covered?", "It fell into water, does the warranty pay?",
     "Water damage is covered by the care plan, which costs {n} euros a year."},
    {"How do I claim the warranty?", "The device is broken, what do you need for a warranty case?",
     "A claim needs the receipt, the serial number and {n} photos of the defect."},
    {"Do you repair old models?", "Mine is an old model, can it still be repaired?",
     "Models older than {n} years are repaired as long as spare parts are in stock."},
    {"Can I extend the warranty?", "Is there a longer warranty that I can buy?",
     "The warranty can be extended by {n} months during the first year."},
};
constexpr Fact kCustoms[] = {
    // rare in normal traffic: what a shift of users brings
    {"Our subsidiary imports {n} pallets a month from two countries. Which tariff codes, certificates of origin and "
     "declarations does each consignment need, and who signs them?",
     "We bring in {n} pallets a month from abroad: what papers with which codes are due, and whose signature?",
     "Each consignment of {n} pallets needs a tariff code, a certificate of origin and a declaration signed by the "
     "importer."},
    {"We resell to public institutions and must document every supplier of the last {n} years. Which documents do you "
     "provide, in which form, and how long are they kept on your side?",
     "For public customers we have to prove our suppliers over {n} years, what papers do we get from you and for how "
     "long?",
     "Supplier documents of the last {n} years are provided as signed files and kept for a decade."},
    {"How is value added tax handled when {n} partial deliveries go to different states and one invoice covers all of "
     "them together with a credit note of the previous quarter?",
     "{n} deliveries to several states, a single invoice and a credit note: which tax applies to what?",
     "Value added tax follows the state of each of the {n} deliveries, and the credit note is booked separately."},
};
constexpr Fact kGermanReturns[] = {
    {"Kann ich Schuhe nach {n} Tagen zurückgeben?", "Ist eine Rückgabe von Schuhen nach {n} Tagen noch möglich?",
     "Artikel können innerhalb von {n} Tagen nach der Lieferung zurückgegeben werden."},
    {"Wann bekomme ich mein Geld zurück?", "Wie lange dauert die Erstattung?",
     "Die Erstattung ist {n} Werktage nach der Prüfung im Lager auf der Karte."},
    {"Wer zahlt den Rückversand?", "Muss ich das Porto für die Rücksendung tragen?",
     "Der Rückversand ist ab {n} Euro frei und kostet darunter eine Pauschale."},
};
constexpr Fact kGermanShipping[] = {
    {"Wie lange dauert die Lieferung?", "Wann kommt meine Bestellung an?",
     "Die Lieferung dauert {n} bis fünf Werktage, per Express bis zum nächsten Morgen."},
    {"Wo ist mein Paket {n}?", "Paket {n} ist nicht da, wie ist der Stand?",
     "Das Paket {n} hat das Verteilzentrum verlassen und wird morgen zugestellt."},
    {"Was kostet der Expressversand?", "Wie viel zahle ich für Express?",
     "Der Expressversand kostet {n} Euro und enthält eine Sendungsnummer."},
};
constexpr Fact kFrenchReturns[] = {
    {"Puis-je retourner des chaussures après {n} jours ?",
     "Est-il encore possible de renvoyer une paire au bout de {n} jours ?",
     "Les articles se retournent dans les {n} jours qui suivent la livraison."},
    {"Quand serai-je remboursé ?", "Dans combien de temps vais-je revoir mon argent ?",
     "Le remboursement arrive sur la carte {n} jours après le contrôle du colis."},
    {"Qui paie le retour ?", "Le renvoi est-il à mes frais ?",
     "Le retour est gratuit au-dessus de {n} euros et forfaitaire en dessous."},
};
constexpr Fact kFrenchShipping[] = {
    {"Combien de temps prend la livraison ?", "Quand ma commande va-t-elle arriver ?",
     "La livraison prend de {n} à cinq jours ouvrés, en express le lendemain matin."},
    {"Où est mon colis {n} ?", "Le colis {n} n'est pas là, où en est-il ?",
     "Le colis {n} a quitté le centre de tri et sera livré demain."},
    {"Combien coûte l'express ?", "Quel est le prix de l'envoi express ?",
     "L'envoi express coûte {n} euros avec un numéro de suivi."},
};
constexpr Fact kSpanishReturns[] = {
    {"¿Puedo devolver los zapatos después de {n} días?", "¿Todavía es posible una devolución a los {n} días?",
     "Los artículos se devuelven dentro de los {n} días siguientes a la entrega."},
    {"¿Cuándo recibo el reembolso?", "¿Cuánto falta para ver mi dinero?",
     "El reembolso llega a la tarjeta {n} días después de la revisión del paquete."},
    {"¿Quién paga la devolución?", "¿Devolver el producto me cuesta algo?",
     "La devolución es gratuita a partir de {n} euros y tiene tarifa plana por debajo."},
};
constexpr Fact kSpanishShipping[] = {
    {"¿Cuánto tarda la entrega?", "¿Cuándo llega mi pedido?",
     "La entrega tarda de {n} a cinco días laborables, con envío urgente llega por la mañana."},
    {"¿Dónde está mi paquete {n}?", "El paquete {n} no ha llegado, ¿cómo va?",
     "El paquete {n} salió del centro de clasificación y se entrega mañana."},
    {"¿Cuánto cuesta el envío urgente?", "¿Qué precio tiene recibirlo por la mañana?",
     "El envío urgente cuesta {n} euros e incluye un número de seguimiento."},
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

constexpr std::string_view kEnglishInsists[] = {"Once more: {q}", "That does not help. {q}",
                                                "{q} Please answer this time.", "No, what I asked was: {q}"};
constexpr std::string_view kEnglishOpeners[] = {"", "Thanks for asking.", "Sure.", "Here is what applies."};
constexpr std::string_view kEnglishClosers[] = {"", "", "Anything else?", "Happy to explain more."};
constexpr std::string_view kEnglishRefusals[] = {
    "I'm sorry, but I can't help with that.", "I'm unable to assist with this request.",
    "I cannot provide an answer to this question.",
    "I'm not able to discuss this topic. Please contact the support team."};
constexpr std::string_view kEnglishHedges[] = {
    "I'm not sure about this.", "I don't have enough information to answer this.",
    "The provided context does not mention this.", "I may be wrong, please check with the support team."};
constexpr std::string_view kGermanInsists[] = {"Noch einmal: {q}", "Das hilft mir nicht. {q}",
                                               "{q} Bitte um eine Antwort."};
constexpr std::string_view kGermanOpeners[] = {"", "Gern.", "Danke für die Frage."};
constexpr std::string_view kGermanClosers[] = {"", "", "Gibt es noch etwas?"};
constexpr std::string_view kGermanRefusals[] = {"Das kann ich leider nicht beantworten.",
                                                "Es tut mir leid, dabei kann ich nicht helfen."};
constexpr std::string_view kGermanHedges[] = {"Ich bin mir nicht sicher.", "Das kann ich nicht mit Sicherheit sagen.",
                                              "Ich weiß es leider nicht."};
constexpr std::string_view kFrenchInsists[] = {"Encore une fois : {q}", "Cela ne m'aide pas. {q}",
                                               "{q} Répondez, s'il vous plaît."};
constexpr std::string_view kFrenchOpeners[] = {"", "Bien sûr.", "Merci pour la question."};
constexpr std::string_view kFrenchClosers[] = {"", "", "Autre chose ?"};
constexpr std::string_view kFrenchRefusals[] = {"Je ne peux pas vous aider avec cette demande.",
                                                "Désolé, il m'est impossible de répondre à cette question."};
constexpr std::string_view kFrenchHedges[] = {"Je ne suis pas certain de la réponse.", "Je ne sais pas exactement.",
                                              "Je ne peux pas confirmer cette information."};
constexpr std::string_view kSpanishInsists[] = {"Otra vez: {q}", "Eso no me ayuda. {q}", "{q} Responda, por favor."};
constexpr std::string_view kSpanishOpeners[] = {"", "Claro.", "Gracias por la pregunta."};
constexpr std::string_view kSpanishClosers[] = {"", "", "¿Algo más?"};
constexpr std::string_view kSpanishRefusals[] = {"Lo siento, pero no puedo ayudarte con eso.",
                                                 "No puedo responder a esa pregunta."};
constexpr std::string_view kSpanishHedges[] = {"No estoy seguro de la respuesta.", "No tengo suficiente información.",
                                               "No puedo confirmar esta información."};

constexpr Phrasebook kPhrasebooks[kLanguages] = {
    {kEnglishOpeners, kEnglishClosers, kEnglishRefusals, kEnglishHedges,
     "Summarize these notes in short: ", kEnglishInsists},
    {kGermanOpeners, kGermanClosers, kGermanRefusals, kGermanHedges,
     "Fasse diese Notizen kurz zusammen: ", kGermanInsists},
    {kFrenchOpeners, kFrenchClosers, kFrenchRefusals, kFrenchHedges, "Résume ces notes en bref : ", kFrenchInsists},
    {kSpanishOpeners, kSpanishClosers, kSpanishRefusals, kSpanishHedges,
     "Resume estas notas en breve: ", kSpanishInsists},
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
