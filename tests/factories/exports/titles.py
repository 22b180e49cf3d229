"""The titles of the four files, in order, as they stand in real exports."""

from collections.abc import Mapping, Sequence

from tests.factories.export import C25, C26, J6, S17, S18, W17, W20

ENGLISH: Mapping[str, Sequence[str]] = {
    "C25": C25,
    "C26": C26,
    "S17": S17,
    "S18": S18,
    "W17": W17,
    "W20": W20,
    "J6": J6,
}

_SPANISH = (
    "Hora de inicio del ciclo,Hora de finalización del ciclo,Zona horaria del ciclo,"
    "Puntuación de recuperación (%),Frecuencia cardíaca en reposo (lpm),"
    "Variabilidad de la frecuencia cardíaca (ms),Temp. cutánea (grados centígrados),"
    "Oxígeno en sangre %,Esfuerzo del día,Energía quemada (cal),FC máx. (lpm),FC promedio (lpm),"
    "Inicio del sueño,Inicio de la vigilia,Calificación del sueño (%),Frecuencia respiratoria (rpm),"
    "Duración del sueño (min),Tiempo en la cama (min),Duración de sueño ligero (min),"
    "Duración de sueño profundo (SWS) (min),Duración de sueño REM (min),Tempo despierto/a (min),"
    "Sueño necesario (min),Deuda de sueño (min),Eficiencia del sueño %,Regularidad del sueño %"
)
_FRENCH = (
    "Heure de début du cycle,Heure de fin du cycle,Fuseau horaire du cycle,Score de récupération %,"
    "Fréquence cardiaque au repos (bpm),Variabilité de la fréquence cardiaque (ms),"
    "Température cutanée (Celsius),Niveau d'oxygène %,Effort du jour,Dépense énergétique (cal.),"
    "FC max. (bpm),FC moyenne (bpm),Premiers signes de sommeil,Premiers signes de réveil,"
    "Performance Sommeil %,Fréquence respiratoire (tr/min),Durée du sommeil (min),"
    "Temps passé au lit (min),Durée du sommeil léger (min),Durée du sommeil profond (min),"
    "Durée du sommeil paradoxal (min),Temps d\N{RIGHT SINGLE QUOTATION MARK}éveil (min),"
    "Besoins en sommeil (min),Dette de sommeil (min),Efficacité du sommeil %,"
    "Régularité du sommeil %"
)
_PORTUGUESE = (
    "Hora de início do ciclo,Hora de fim do ciclo,Fuso horário do ciclo,"
    "Pontuação de recuperação %,Frequência cardíaca em repouso (bpm),"
    "Variabilidade da frequência cardíaca (ms),Temp. da pele (celsius),% de oxigênio no sangue,"
    "Esforço diário,Energia queimada (cal),FC máx. (bpm),FC média (bpm),Início do sono,"
    "Início da vigília,Desempenho do sono %,Frequência respiratória (rpm),Duração do sono (min),"
    "Duração na cama (min),Duração do sono leve (min),Duração profundo (Sono) (min),"
    "Duração REM (min),Duração de vigília (min),Necessidade de sono (min),Débito de sono (min),"
    "Eficácia do sono %,Consistência do sono %"
)
_GERMAN = (
    "Startzeit des Zyklus,Endzeit des Zyklus,Zeitzone des Zyklus,Erholungswert %,"
    "Ruheherzfrequenz (Schläge pro Minute),Herzfrequenzvariabilität (ms),Hauttemperatur (Celsius),"
    "Blutsauerstoff %,Tagesbelastung,Verbrannte Energie (cal),Max HF (Schläge pro Minute),"
    "Durchschnittliche HF (Schläge pro Minute),Beginn des Schlafs,Beginn des Aufwachens,"
    "Schlafleistung %,Atemfrequenz (Atemzüge/Min.),Schlafdauer (Min.),Dauer im Bett (Min.),"
    "Dauer des Leichtschlafs (Min.),Dauer des Tiefschlafs (Min.),Dauer des REM-Schlafs (Min.),"
    "Dauer des Aufwachens (Min.),Schlafbedarf (Min.),Schlafdefizit (Min.),Schlafeffizienz %,"
    "Schlafbeständigkeit %"
)


def _four(
    cycles: str, nap: str, workout: Sequence[str], journal: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    """The newest generation in one language: sleeps and efforts are named as in the cycles."""
    c26 = cycles.split(",")
    of_cycle, effort, sleep = c26[:3], c26[9:12], c26[12:]
    return {
        "C26": c26,
        "S18": [*of_cycle, *sleep, nap],
        "W17": [*of_cycle, *workout[:5], *effort, *workout[5:]],
        "J6": [*of_cycle, *journal],
    }


TITLES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "en": ENGLISH,
    "es": _four(
        _SPANISH,
        "Siesta",
        [
            "Hora de inicio del entrenamiento",
            "Hora de finalización del entrenamiento",
            "Duración (min)",
            "Nombre de la actividad",
            "Esfuerzo de actividad",
            *(f"Zona FC {zone}%" for zone in range(1, 6)),
            "GPS habilitado",
        ],
        ["Texto de la pregunta", 'Respondió "Sí"', "Notas"],
    ),
    "fr": _four(  # of the journal, and of three titles of workouts, no French was seen
        _FRENCH,
        "Sieste",
        [
            "Heure de début de l'entraînement",
            "Heure de fin de l'entraînement",
            "(titre inconnu)",
            "Nom de l'activité",
            "(titre inconnu 2)",
            *(f"Zone FC {zone}\N{NO-BREAK SPACE}%" for zone in range(1, 6)),
            "(titre inconnu 3)",
        ],
        ["(titre inconnu)", "(titre inconnu 2)", "(titre inconnu 3)"],
    ),
    "pt-BR": _four(
        _PORTUGUESE,
        "Sesta",
        [
            "Hora de início do treino",
            "Hora de fim do treino",
            "(título desconhecido)",
            "Nome da atividade",
            "Esforço da atividade",
            *(f"Zona {zone} de FC %" for zone in range(1, 6)),
            "(título desconhecido 2)",
        ],
        ["Texto de pergunta", "Respondeu sim", "Notas"],
    ),
    "de": _four(
        _GERMAN,
        "Nickerchen",
        [
            "Startzeit des Trainings",
            "Endzeit des Trainings",
            "Dauer (Min.)",
            "Name der Aktivität",
            "Aktivitätsbelastung",
            *(f"HF-Zone {zone} %" for zone in range(1, 6)),
            "GPS aktiviert",
        ],
        [
            "Fragetext",
            "Beantwortet mit \N{DOUBLE LOW-9 QUOTATION MARK}Ja\N{LEFT DOUBLE QUOTATION MARK}",
            "Anmerkungen",
        ],
    ),
}
# No such language was seen: these stand for all of them.
TITLES = {
    **TITLES,
    "xx": {form: [f"中{at}" for at, _ in enumerate(titles)] for form, titles in ENGLISH.items()},
}

_CYCLE_FIELDS = """
    cycle_start_time cycle_end_time offset_minutes recovery_score resting_heart_rate
    heart_rate_variability skin_temp blood_oxygen day_strain energy_burned max_hr average_hr
    sleep_onset wake_onset sleep_performance respiratory_rate asleep_duration in_bed_duration
    light_sleep_duration deep_duration rem_duration awake_duration sleep_need sleep_debt
    sleep_efficiency sleep_consistency
"""
_WORKOUT_FIELDS = """
    cycle_start_time cycle_end_time offset_minutes workout_start_time workout_end_time duration
    activity_name activity_strain energy_burned max_hr average_hr hr_zone_1 hr_zone_2 hr_zone_3
    hr_zone_4 hr_zone_5 gps_enabled distance altitude_gain altitude_change
"""
FIELDS = {
    **dict(zip(C26, _CYCLE_FIELDS.split(), strict=True)),
    **dict(zip(W20, _WORKOUT_FIELDS.split(), strict=True)),
    **dict(zip(J6[3:], ("question_text", "answered_yes", "notes"), strict=True)),
    "Nap": "nap",
}
