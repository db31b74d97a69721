"""Writes an oTree project into a folder: pages of ratings, one per round."""
from pathlib import Path

FIELDS, ROUNDS = 7, 40


def write(folder):
    folder = Path(folder)
    for name in ("rating", "_static", "_templates"):
        (folder / name).mkdir(parents=True)
    (folder / "settings.py").write_text(
        """SESSION_CONFIGS = [dict(name="rating", app_sequence=["rating"], num_demo_participants=1)]
SESSION_CONFIG_DEFAULTS = dict(real_world_currency_per_point=1.0, participation_fee=0.0, doc="")
PARTICIPANT_FIELDS = []
SESSION_FIELDS = []
LANGUAGE_CODE = "en"
REAL_WORLD_CURRENCY_CODE = "EUR"
USE_POINTS = False
ADMIN_USERNAME = "admin"
ADMIN_PASSWORD = "bench"
SECRET_KEY = "bench"
""")
    names = [f"rating_{i + 1}" for i in range(FIELDS)]
    fields = "\n".join(f"    {name} = models.IntegerField(min=0, max=100)" for name in names)
    (folder / "rating/__init__.py").write_text(
        f"""from otree.api import *


class C(BaseConstants):
    NAME_IN_URL = "rating"
    PLAYERS_PER_GROUP = None
    NUM_ROUNDS = {ROUNDS}


class Subsession(BaseSubsession):
    pass


class Group(BaseGroup):
    pass


class Player(BasePlayer):
{fields}


class Rate(Page):
    form_model = "player"
    form_fields = {names}


page_sequence = [Rate]
""")
    (folder / "rating/Rate.html").write_text("{{ block content }}{{ formfields }}{{ next_button }}{{ endblock }}\n")
