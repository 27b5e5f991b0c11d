"""What people text back, and what a short code answers by itself."""

import re
import unicodedata

STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "arret"})
HELP = frozenset({"help", "info", "aide"})
YES = frozenset({"y", "yes", "oui"})
NO = frozenset({"n", "no", "non"})
FRENCH = frozenset({"arret", "aide", "oui", "non"})

STOP_REPLY = {
    "en": "You are unsubscribed and will get no more messages from {code}. Reply HELP for help.",
    "fr": "Vous êtes désabonné : plus aucun message de {code}. Répondez AIDE pour de l'aide.",
}
HELP_REPLY = {
    "en": "Messages from {code}. Msg&data rates may apply. Reply STOP to quit.",
    "fr": "Messages de {code}. Des frais peuvent s'appliquer. Répondez ARRET pour vous désabonner.",
}
DEFAULT_REPLY = "Sorry, we did not understand. Reply HELP for help."
DECLINED_REPLY = "OK, you will not be signed up."
ALREADY_REPLY = "You are already signed up. Reply STOP to quit."


def normalise(text: str) -> str:
    """Lower case, one space between words, no accents, nothing but the words at the ends."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    plain = "".join(s for s in unicodedata.normalize("NFD", folded) if not unicodedata.combining(s))
    return re.sub(r"^[\W_]+|[\W_]+$", "", re.sub(r"\s+", " ", plain))


def is_stop(said: str) -> bool:
    """A stop word by itself, or a phrase that begins with "stop"; not "don't stop"."""
    return said in STOP or said.startswith("stop ")


def language(said: str) -> str:
    return "fr" if said in FRENCH else "en"
