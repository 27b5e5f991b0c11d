"""What the demo's people are called, where they work, and as what."""

from __future__ import annotations

import unicodedata

Culture = tuple[tuple[str, ...], tuple[str, ...]]
"""First names, last names."""

CULTURES: dict[str, Culture] = {
    "English": (
        ("Grace", "Samuel", "Harper", "Owen", "Abigail", "Marcus", "Lydia", "Theodore"),
        ("Whitfield", "Carver", "Ellison", "Brooks", "Hartley", "Sutton", "Merritt", "Dawson"),
    ),
    "Spanish": (
        ("Ana", "José", "Lucía", "Ángel", "Ximena", "Íñigo", "Belén", "Andrés"),
        ("García Peña", "Núñez", "Ibáñez", "Rodríguez", "de la Cruz", "Muñoz", "Vélez", "Ortiz"),
    ),
    "Polish": (
        ("Łukasz", "Małgorzata", "Zbigniew", "Agnieszka", "Paweł", "Zofia", "Wojciech", "Jadwiga"),
        ("Nowak", "Wójcik", "Zając", "Bąk", "Mazur", "Łuczak", "Krawczyk", "Żak"),
    ),
    "Irish": (
        ("Siobhán", "Ciarán", "Aoife", "Pádraig", "Niamh", "Eoin", "Róisín", "Declan"),
        (
            "O’Sullivan",
            "Breathnach",
            "Gallagher",
            "McCarthy",
            "O’Shea",
            "Doyle",
            "Ní Dhuibh",
            "Quinn",
        ),
    ),
    "Chinese": (
        ("Mei", "Jun", "Xiaoling", "Wei", "美玲", "伟", "Kai-Lin", "Rong"),
        ("Chen", "Liu", "黄", "Zhao", "Ng", "Wong", "Lü", "Tsai"),
    ),
    "Black American": (
        ("DeShawn", "Imani", "Terrence", "Aaliyah", "Marquis", "Keisha", "Isaiah", "Nia"),
        ("Washington", "Freeman", "Banks", "Coleman", "Booker", "Gaines", "Holloway", "Bell"),
    ),
    "Indian": (
        ("Priya", "Arjun", "Lakshmi", "Rohan", "Ananya", "Harpreet", "Sanjay", "दीपा"),
        ("Patel", "Iyer", "Singh", "Krishnamurthy", "Das", "Kaur", "Banerjee", "Rao"),
    ),
    "French": (
        ("Zoé", "Étienne", "Maëlle", "François", "Anaïs", "Loïc", "Geneviève", "Jérôme"),
        ("Lefèbvre", "Côté", "D’Amours", "Bélanger", "Tremblay", "Gagné", "St-Pierre", "Roy"),
    ),
    "Vietnamese": (
        ("Ngọc", "Minh", "Thảo", "Quang", "Hương", "Đức", "Linh", "Tuấn"),
        ("Nguyễn", "Trần", "Phạm", "Lê", "Huỳnh", "Đặng", "Bùi", "Võ"),
    ),
    "Ukrainian": (
        ("Олена", "Taras", "Oksana", "Богдан", "Halyna", "Andriy", "Ярина", "Danylo"),
        ("Шевченко", "Kovalenko", "Bondar", "Ткачук", "Melnyk", "Savchuk", "Lysenko", "Hrytsenko"),
    ),
    "Arabic": (
        ("محمد", "Layla", "Omar", "Fātima", "Yusuf", "سارة", "Karim", "Rania"),
        ("الخطيب", "Haddad", "Nasser", "Khoury", "Mansour", "Saleh", "al-Amin", "Darwish"),
    ),
    "Nigerian": (
        ("Chidi", "Folake", "Emeka", "Ngozi", "Tùndé", "Adaeze", "Ifeoma", "Kelechi"),
        ("Okonkwo", "Adébáyọ̀", "Nwosu", "Eze", "Balogun", "Obi", "Ọláṣení", "Uche"),
    ),
    "Japanese": (
        ("Haruka", "Kenji", "美咲", "Sōta", "Yuki", "Naomi", "Daichi", "Emi"),
        ("Tanaka", "Watanabe", "林", "Ōno", "Fujimoto", "Nakamura", "Shimizu", "Mori"),
    ),
    "Hawaiian": (
        ("Kalani", "Leilani", "Keoni", "Noelani", "Kaʻimi", "Mahina", "Ikaika", "Pua"),
        ("Kealoha", "Kahananui", "Nāone", "Kamakaʻāina", "Akana", "Palakiko", "Mahoe", "Kekauoha"),
    ),
    "Greek": (
        ("Δημήτρης", "Eleni", "Nikos", "Sofia", "Yiannis", "Katerina", "Stavros", "Ιωάννα"),
        ("Papadakis", "Παππάς", "Nikas", "Kostas", "Vlahos", "Stathakis", "Makris", "Vasiliou"),
    ),
    "Scandinavian": (
        ("Bjørn", "Åsa", "Søren", "Ingrid", "Øystein", "Maja", "Håkon", "Signe"),
        ("Lindström", "Sørensen", "Åkesson", "Dahl", "Nygård", "Ødegaard", "Holm", "Bergström"),
    ),
    "Korean": (
        ("Ji-woo", "Min-jun", "서연", "Hye-jin", "Tae-yang", "Eun-ji", "Daniel", "Grace"),
        ("Kim", "Park", "Choi", "Jeong", "Kang", "Yoon", "Lim", "Shin"),
    ),
    "Jewish": (
        ("Talia", "Avi", "Miriam", "Ezra", "Noa", "Gideon", "Shoshana", "Eitan"),
        ("Rosenfeld", "Ben-David", "Mizrahi", "Katz", "Abramowitz", "Levi", "Sapir", "Roth"),
    ),
}
EVERYWHERE = tuple(CULTURES)

COMPANIES = (
    *("Prairie Lantern Books", "Blue Heron Dental", "Oak & Anvil Tools", "Lakeshore Bakery"),
    *("Northwind Cycles", "Café Étoile", "Harbor Light Clinic", "Cedar Row Realty"),
    *("Tallgrass Studio", "Ironwood Brewing", "Sunny Side Childcare", "Maple & Main Florists"),
    *("Copperline Electric", "Riverbend Yoga", "Atelier Müller", "Second Story Records"),
    *("Juniper Veterinary", "Old Mill Hardware", "Silver Birch Travel", "Corner Stitch Tailors"),
    *("Twin Pines Landscaping", "Brightwater Pools", "Foxglove Theatre", ""),
)
JOBS = (
    *("Owner", "Office manager", "Teacher", "Nurse", "Electrician", "Accountant", "Barista"),
    *("Florist", "Software developer", "Bookkeeper", "Chef", "Librarian", "Sales associate"),
    *("Mechanic", "Physiotherapist", "Student", "Architect", "", "Photographer"),
)
SOURCES = ("Web form", "Store sign-up", "Trade fair", "Referral", "Spring import", "Newsletter")

_PLAIN = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "’": ""})


def address_part(name: str) -> str:
    """A name as it stands in an e-mail address; empty when it has no Latin letters."""
    plain = unicodedata.normalize("NFKD", name.translate(_PLAIN)).encode("ascii", "ignore").decode()
    return "".join(sign for sign in plain.lower() if sign.isalnum())
