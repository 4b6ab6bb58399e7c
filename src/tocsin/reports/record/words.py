"""The closed lists of words of the event record's further fields.

Sources: the event record reconstructed from Regulation (EU) 2023/1322, Article 13, the reporting
forms of the early warning system and its operating guidelines; other lists name theirs.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class YesNo(TextChoices):
    """An answer that may be unknown."""

    YES = "yes", _("yes")
    NO = "no", _("no")
    UNKNOWN = "unknown", _("unknown")


class Reporter(TextChoices):
    """In which role an organisation reports."""

    FORENSIC_LABORATORY = "forensic-laboratory", _("forensic laboratory")
    TOXICOLOGY_LABORATORY = "toxicology-laboratory", _("toxicology laboratory")
    POLICE = "police", _("police")
    CUSTOMS = "customs", _("customs")
    PRISON = "prison", _("prison")
    HEALTH_SERVICE = "health-service", _("health service")
    POISON_CENTRE = "poison-centre", _("poison centre")
    DRUG_CHECKING = "drug-checking", _("drug checking service")
    SOCIAL_SERVICE = "social-service", _("social service")
    FOCAL_POINT = "focal-point", _("national focal point")
    OTHER = "other", _("other")


class Authority(TextChoices):
    """Who seized, or whom a count of seizures comes from."""

    POLICE = "police", _("police")
    CUSTOMS = "customs", _("customs")
    BORDER_GUARD = "border-guard", _("border guard")
    PRISON = "prison", _("prison")
    POST = "post", _("post")
    OTHER = "other", _("other")


class PhysicalForm(TextChoices):
    """What a material looks like."""

    POWDER = "powder", _("powder")
    CRYSTAL = "crystal", _("crystals")
    TABLET = "tablet", _("tablet")
    CAPSULE = "capsule", _("capsule")
    BLOTTER = "blotter", _("blotter")
    LIQUID = "liquid", _("liquid")
    VAPE_LIQUID = "vape-liquid", _("liquid for vapes")
    NASAL_SPRAY = "nasal-spray", _("nasal spray")
    PLANT = "plant", _("plant material")
    RESIN = "resin", _("resin")
    EDIBLE = "edible", _("edible")
    PAPER = "paper", _("paper or textile")
    RESIDUE = "residue", _("residue")
    OTHER = "other", _("other")


class Concealment(TextChoices):
    """Where a seized material was hidden."""

    PARCEL = "parcel", _("parcel or letter")
    PERSON = "person", _("on or in a person")
    LUGGAGE = "luggage", _("luggage")
    VEHICLE = "vehicle", _("vehicle")
    FREIGHT = "freight", _("freight or container")
    PREMISES = "premises", _("premises")
    OTHER = "other", _("other")
    NONE = "none", _("not hidden")


class CollectionSource(TextChoices):
    """Where a collected sample comes from."""

    DRUG_CHECKING = "drug-checking", _("drug checking")
    TEST_PURCHASE = "test-purchase", _("test purchase")
    AMNESTY_BIN = "amnesty-bin", _("amnesty bin")
    WASTEWATER = "wastewater", _("wastewater")
    SYRINGE_RESIDUE = "syringe-residue", _("residue of syringes")
    TREATMENT = "treatment", _("treatment or hospital")
    OTHER = "other", _("other")


class Market(TextChoices):
    """Where something was bought."""

    WEB_SHOP = "web-shop", _("web shop")
    DARKNET = "darknet", _("darknet market")
    SOCIAL_MEDIA = "social-media", _("social media")
    MESSENGER = "messenger", _("messenger")
    SHOP = "shop", _("shop")
    OTHER = "other", _("other")


class SamplingContext(TextChoices):
    """Whether a biological sample was taken in life."""

    ANTE_MORTEM = "ante-mortem", _("ante-mortem")
    POST_MORTEM = "post-mortem", _("post-mortem")


class SamplingSite(TextChoices):
    """Where in the body a biological sample was taken."""

    PERIPHERAL = "peripheral", _("peripheral blood")
    FEMORAL = "femoral", _("femoral blood")
    CARDIAC = "cardiac", _("cardiac blood")
    URINE = "urine", _("urine")
    VITREOUS = "vitreous", _("vitreous humour")
    STOMACH = "stomach", _("stomach content")
    BILE = "bile", _("bile")
    LIVER = "liver", _("liver")
    BRAIN = "brain", _("brain")
    HAIR = "hair", _("hair")
    ORAL_FLUID = "oral-fluid", _("oral fluid")
    OTHER = "other", _("other")


class Detection(TextChoices):
    """How far a substance was measured."""

    QUANTIFIED = "quantified", _("quantified")
    BELOW_LOQ = "below-loq", _("detected, below the limit of quantification")
    DETECTED = "detected", _("detected, not quantified")
    NOT_DETECTED = "not-detected", _("looked for, not detected")


class Seriousness(TextChoices):
    """What makes an adverse event serious (early warning system, operating guidelines)."""

    DEATH = "death", _("death")
    LIFE_THREATENING = "life-threatening", _("life-threatening")
    HOSPITALISATION = "hospitalisation", _("intensive treatment or stay in hospital")
    DISABILITY = "disability", _("persistent or significant disability")
    DEPENDENCE = "dependence", _("dependence or abuse")
    CONGENITAL_ANOMALY = "congenital-anomaly", _("congenital anomaly")
    IMPORTANT = "important", _("other important medical event")


class Exposure(TextChoices):
    """How sure it is that a substance was taken."""

    CONFIRMED = "confirmed", _("confirmed: found in a biological sample")
    PROBABLE = "probable", _("probable: found in what was taken")
    SUSPECTED = "suspected", _("suspected")


class AgeBand(TextChoices):
    """Age in bands; never an age, never a date of birth."""

    UNDER_15 = "0-14", _("0 to 14")
    FROM_15 = "15-24", _("15 to 24")
    FROM_25 = "25-34", _("25 to 34")
    FROM_35 = "35-44", _("35 to 44")
    FROM_45 = "45-54", _("45 to 54")
    FROM_55 = "55-64", _("55 to 64")
    FROM_65 = "65+", _("65 and over")
    UNKNOWN = "unknown", _("unknown")


class Sex(TextChoices):
    """Sex as recorded."""

    FEMALE = "female", _("female")
    MALE = "male", _("male")
    OTHER = "other", _("other")
    UNKNOWN = "unknown", _("unknown")


class Setting(TextChoices):
    """Where a substance was taken."""

    HOME = "home", _("home")
    STREET = "street", _("street or open space")
    NIGHTLIFE = "nightlife", _("nightlife or festival")
    PRISON = "prison", _("prison")
    CONSUMPTION_ROOM = "consumption-room", _("drug consumption room")
    SHELTER = "shelter", _("shelter")
    OTHER = "other", _("other")
    UNKNOWN = "unknown", _("unknown")


class RouteOfUse(TextChoices):
    """How a substance was taken."""

    ORAL = "oral", _("swallowed")
    NASAL = "nasal", _("sniffed")
    SMOKED = "smoked", _("smoked")
    VAPED = "vaped", _("vaped")
    INJECTED = "injected", _("injected")
    SUBLINGUAL = "sublingual", _("under the tongue or in the cheek")
    RECTAL = "rectal", _("rectal")
    DERMAL = "dermal", _("through the skin")
    UNKNOWN = "unknown", _("unknown")


class Severity(TextChoices):
    """Poisoning Severity Score (Persson et al., J Toxicol Clin Toxicol 1998;36:205)."""

    NONE = "0", _("0, none")
    MINOR = "1", _("1, minor")
    MODERATE = "2", _("2, moderate")
    SEVERE = "3", _("3, severe")
    FATAL = "4", _("4, fatal")


class Sign(TextChoices):
    """A sign seen in a poisoned person."""

    RESPIRATORY_DEPRESSION = "respiratory-depression", _("slow or no breathing")
    UNCONSCIOUSNESS = "unconsciousness", _("unconsciousness")
    MIOSIS = "miosis", _("small pupils")
    MYDRIASIS = "mydriasis", _("wide pupils")
    SEIZURES = "seizures", _("seizures")
    AGITATION = "agitation", _("agitation")
    PSYCHOSIS = "psychosis", _("psychosis or hallucinations")
    HYPERTHERMIA = "hyperthermia", _("hyperthermia")
    TACHYCARDIA = "tachycardia", _("fast heart beat")
    BRADYCARDIA = "bradycardia", _("slow heart beat")
    CARDIAC_ARREST = "cardiac-arrest", _("cardiac arrest")
    VOMITING = "vomiting", _("vomiting")
    OTHER = "other", _("other")


class Treatment(TextChoices):
    """What was done for a poisoned person."""

    NONE = "none", _("none")
    OBSERVATION = "observation", _("observation")
    NALOXONE = "naloxone", _("naloxone")
    VENTILATION = "ventilation", _("ventilation")
    SEDATION = "sedation", _("sedation")
    RESUSCITATION = "resuscitation", _("resuscitation")
    INTENSIVE_CARE = "intensive-care", _("intensive care")
    OTHER = "other", _("other")


class Intention(TextChoices):
    """With what intention a substance was taken or given (ICD-10, X40–X49, X60–X69, X85–X90, Y10–Y19).

    Taking a drug for its effect, with no wish to be harmed, is accidental where it poisons.
    """

    ACCIDENTAL = "accidental", _("accidental, drug use included")
    SELF_HARM = "self-harm", _("intentional self-harm")
    ASSAULT = "assault", _("given by another to harm or to overpower")
    UNDETERMINED = "undetermined", _("undetermined")


class NaloxoneResponse(TextChoices):
    """What naloxone did."""

    FULL = "full", _("full")
    PARTIAL = "partial", _("partial")
    NONE = "none", _("none")
    RELAPSE = "relapse", _("first better, then worse again")
    UNKNOWN = "unknown", _("unknown")


class Outcome(TextChoices):
    """How an adverse event ended."""

    RECOVERED = "recovered", _("recovered")
    RECOVERING = "recovering", _("recovering")
    SEQUELAE = "sequelae", _("recovered with sequelae")
    DEATH = "death", _("death")
    UNKNOWN = "unknown", _("unknown")


class Role(TextChoices):
    """What part a substance had in a poisoning or a death."""

    SOLE = "sole", _("sole cause")
    CONTRIBUTORY = "contributory", _("contributory")
    INCIDENTAL = "incidental", _("incidental")
    UNKNOWN = "unknown", _("unknown")


class Technique(TextChoices):
    """An analytical technique, as SWGDRUG's recommendations group them (part III B)."""

    INFRARED = "infrared", _("infrared spectroscopy")
    MASS_SPECTROMETRY = "mass-spectrometry", _("mass spectrometry")
    NMR = "nmr", _("nuclear magnetic resonance")
    RAMAN = "raman", _("Raman spectroscopy")
    X_RAY = "x-ray-diffraction", _("X-ray diffraction")
    GAS_CHROMATOGRAPHY = "gas-chromatography", _("gas chromatography (retention time)")
    LIQUID_CHROMATOGRAPHY = "liquid-chromatography", _("liquid chromatography (retention time)")
    SUPERCRITICAL = "supercritical-fluid", _("supercritical fluid chromatography")
    ELECTROPHORESIS = "capillary-electrophoresis", _("capillary electrophoresis")
    THIN_LAYER = "thin-layer-chromatography", _("thin layer chromatography")
    ULTRAVIOLET = "ultraviolet-visible", _("ultraviolet or visible spectrum, whole")
    ION_MOBILITY = "ion-mobility", _("ion mobility spectrometry")
    MICROCRYSTALLINE = "microcrystalline", _("microcrystalline test")
    IDENTIFIERS = "pharmaceutical-identifiers", _("marks of a medicine")
    MACROSCOPIC = "macroscopic", _("macroscopic examination (cannabis)")
    MICROSCOPIC = "microscopic", _("microscopic examination (cannabis)")
    COLOUR_TEST = "colour-test", _("colour test")
    FLUORESCENCE = "fluorescence", _("fluorescence spectroscopy")
    IMMUNOASSAY = "immunoassay", _("immunoassay or test strip")
    MELTING_POINT = "melting-point", _("melting point")


class MassEvidence(TextChoices):
    """What mass spectra alone say of an identity (Schymanski et al. 2014, figure 1)."""

    REFERENCE_STANDARD = "reference-standard", _("retention time and MS² of a reference standard")
    LIBRARY = "library", _("library spectrum matches")
    DIAGNOSTIC = "diagnostic", _("diagnostic fragments, no other structure fits")
    CANDIDATES = "candidates", _("several candidates, or only a class")
    FORMULA = "formula", _("molecular formula")
    MASS = "mass", _("exact mass only")


class Accreditation(TextChoices):
    """What the laboratory's accreditation by ISO/IEC 17025 says of this result."""

    COVERED = "covered", _("accredited, this method is in the scope")
    OUTSIDE = "outside", _("accredited, this method is outside the scope")
    NONE = "none", _("not accredited")


class SiteKind(TextChoices):
    """What a site was."""

    PRODUCTION = "production", _("production site")
    STORAGE = "storage", _("storage site")
    DUMP = "dump", _("dump site")


class Hazard(TextChoices):
    """A hazard met at a site: the pictograms of Regulation (EC) No 1272/2008, Annex V."""

    EXPLOSIVE = "GHS01", _("GHS01, explosive")
    FLAMMABLE = "GHS02", _("GHS02, flammable")
    OXIDISING = "GHS03", _("GHS03, oxidising")
    GAS_UNDER_PRESSURE = "GHS04", _("GHS04, gas under pressure")
    CORROSIVE = "GHS05", _("GHS05, corrosive")
    TOXIC = "GHS06", _("GHS06, acutely toxic")
    HARMFUL = "GHS07", _("GHS07, harmful or irritating")
    HEALTH = "GHS08", _("GHS08, serious health hazard")
    ENVIRONMENT = "GHS09", _("GHS09, hazardous to the environment")
