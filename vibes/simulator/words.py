"""What people text back, and what a short code answers by itself."""

import re
import unicodedata

STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "arret"})
HELP = frozenset({"help", "info", "aide"})
YES = frozenset({"y", "yes", "oui"})
NO = frozenset({"n", "no", "non"})
FRENCH = frozenset({"arret", "aide", "oui", "non"})

STOP_PHRASE = re.compile(r"stop(?![\w'’-])\W*\w")
POSTCODE = re.compile(r"[0-9]{5}")

STOP_REPLY = {
    "en": "You are unsubscribed and will get no more messages from {code}. Reply HELP for help.",
    "fr": "Vous êtes désabonné : plus aucun message de {code}. Répondez AIDE pour de l'aide.",
}
HELP_REPLY = {
    "en": "Messages from {code}. Msg&data rates may apply. Reply STOP to quit.",
    "fr": "Messages de {code}. Des frais peuvent s'appliquer. Répondez ARRET pour vous désabonner.",
}
DEFAULT_REPLY = "Sorry, we did not understand. Reply HELP for help."
DECLINED_REPLY = {
    "en": "OK, you will not be signed up.",
    "fr": "D'accord, vous ne serez pas inscrit.",
}
ALREADY_REPLY = "You are already signed up. Reply STOP to quit."


def normalise(text: str) -> str:
    """Lower case, one space between words, no accents, nothing but the words at the ends."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    plain = "".join(s for s in unicodedata.normalize("NFD", folded) if not unicodedata.combining(s))
    return re.sub(r"^[\W_]+|[\W_]+$", "", re.sub(r"\s+", " ", plain))


def is_stop(said: str) -> bool:
    """A stop word by itself, or a phrase that begins with "stop"; not "don't stop"."""
    return said in STOP or STOP_PHRASE.match(said) is not None


def confirms(said: str, how: str) -> bool:
    """Is this a yes to a campaign that is confirmed by ``yes``, or by a ``postcode``?"""
    return POSTCODE.fullmatch(said) is not None if how == "postcode" else said in YES


def language(said: str) -> str:
    return "fr" if said in FRENCH else "en"
