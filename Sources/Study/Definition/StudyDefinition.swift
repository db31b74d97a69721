import Foundation

/// The content of `study.yaml`, complete with defaults: everything that the experimenter decides. It names sounds and
/// systems; `StudyDesign` is what follows from it once the tables are read.
///
/// The initial values here are the defaults of `study.yaml`. `StudyKeys` names and explains every key.
public struct StudyDefinition: Sendable, Equatable {
  /// The title in the study's first language.
  public var title = ""
  /// The title by language, if it differs between languages.
  public var titles: Localized = [:]
  /// BCP 47 codes; the first is the default.
  public var languages = ["en"]
  /// The study's own words on the pages. Consent and questionnaires are apart.
  public var texts = Texts()
  /// Where the tables are, and how their sounds are prepared, in all blocks.
  public var sounds = Sounds()
  /// Blocks take from it what they do not set themselves.
  public var pool = Pool()
  /// Blocks take from it what they do not set themselves, and always the seed.
  public var trials = Trials()
  /// Blocks take from it what they do not set themselves.
  public var scale = Scale()
  /// Blocks take from it what they do not set themselves.
  public var leastHearing = LeastHearing()
  /// What stands on the first page, below the welcome. Its text is required.
  public var consent = Consent()
  /// Asked before everything else. Empty for no such step.
  public var questionnaire: [Question] = []
  /// The check between the volume and the instructions. By default there is one, which nobody has to pass.
  public var headphones = Headphones()
  /// The code and the address that the last page gives.
  public var finish = Finish()
  /// The look of the participants' pages. The lab's page keeps Earshot's own.
  public var look = Look()
  /// What happens to those who do not complete all steps.
  public var leaving = Leaving()
  /// Who is admitted, when, and how often.
  public var joining = Joining()
  /// Which finished sessions are marked.
  public var flags = Flags()
  /// Runs of trials, each of one type. Empty if the study is a single block of type `similarity`.
  public var blocks: [Block] = []
  /// The order in which each listener is given the blocks.
  public var blockOrder = BlockOrder.written
  /// Names of listener groups, which may be given different blocks. Empty if all listeners are given the same.
  public var groups: [String] = []

  /// The blocks as they are run. If the file names none, a single one made from its top-level keys.
  public var runs: [Block] {
    guard blocks.isEmpty else { return blocks }
    var block = Block(inheriting: self)
    (block.name, block.question) = (block.type, texts.question)
    return [block]
  }

  /// Asked after all blocks, whatever their order.
  public var closing: [Question] = []

  /// All questions of a session, in the order of the file.
  public var questions: [Question] { questionnaire + blocks.flatMap(\.questionnaire) + closing }

  /// All defaults. A study must set at least a title and a consent text.
  public init() {}

  /// A text in each language of the study.
  public typealias Localized = [String: String]

  /// Markdown, shown on the pages of the same names. `question` is one line and may contain `{condition}`.
  public struct Texts: Sendable, Equatable {
    /// On the first page, above the consent.
    public var welcome: Localized = ["en": "# Welcome\n\nThank you for listening with us."]
    /// Shown once, before all blocks. A block may have its own in addition.
    public var instructions: Localized = [
      "en": """
      # What to do

      You hear a loop and some samples. Rate how similar each sample sounds to the drum of the loop that the page names.
      """
    ]
    /// For a study without `blocks`: the line at the top of each trial.
    public var question: Localized = ["en": "How similar is each sample to the {condition} in this loop?"]
    /// The last page of those who completed all steps.
    public var finish: Localized = ["en": "# Thank you\n\nAll your answers are saved."]
    /// The name shown for each condition, such as `hi-hat` for `hihat`.
    public var conditions: [String: Localized] = [:]
    /// Replacements for the pages' built-in messages, by the messages' dotted names.
    public var pages: [String: Localized] = [:]

    /// English texts. Conditions have their own names, and built-in messages stay as they are.
    public init() {}
  }

  /// A run of trials of one type.
  public struct Block: Sendable, Equatable {
    /// Small letters, digits and underscores, a letter first. No two blocks of a study share it.
    public var name = ""
    /// The name of a trial type.
    public var type = "similarity"
    /// The groups of listeners who are given it. Empty for all.
    public var groups: [String] = []
    /// One line at the top of each trial. May contain `{condition}`.
    public var question: Localized = [:]
    /// Shown before the block. None if empty.
    public var instructions: Localized = [:]
    /// A break page before the block. None if empty.
    public var pause: Localized = [:]
    /// A break page after each `pauseEvery` trials of the block, except after the last one. 0 for none.
    public var pauseEvery = 0
    /// A break page after trials that are expected to take this many minutes in total. 0 for none.
    public var pauseMinutes = 0.0
    /// How long a break page must stay open, in seconds. 0 for no minimum.
    public var pauseLeast = 0.0
    /// How often a sound may be played on its page. 0 for any number of times.
    public var mostPlays = 0
    /// For versions of the same material: where one begins when the listener switches to it.
    public var switching = Switching.inPlace
    /// Whether a sound can be judged only while it plays.
    public var judgesWhilePlaying = false
    /// Whether practice trials show the right answer.
    public var givesFeedback = false
    /// Whether each page has a field for comments.
    public var takesComments = false
    /// Where its sounds come from. Nil for the usual source of its type.
    public var source: SoundSource?
    /// For `mushra`: low-pass cutoff frequencies in hertz. For each, a low-passed copy of the reference is among the
    /// versions, unmarked.
    public var anchors = [3500.0, 7000]
    /// The study's own, except for what the block sets.
    public var leastHearing = LeastHearing()
    /// For `acr` and `dcr`: the scales on which each sound is rated. Empty for the words of ITU-T P.800.
    public var scales: [RatingScale] = []
    /// For `ab`: whether "no difference" is a permitted answer.
    public var allowsNeither = false
    /// The study's own, except for what the block sets.
    public var pool = Pool()
    /// The study's own, except for what the block sets. The seed must be the study's.
    public var trials = Trials()
    /// The study's own, except for what the block sets.
    public var scale = Scale()
    /// Asked after the block.
    public var questionnaire: [Question] = []

    /// All defaults. Nothing is inherited from a study.
    public init() {}

    /// Whether listeners of a group are given the block. `group` is nil if there are no groups.
    public func isGiven(to group: String?) -> Bool { groups.isEmpty || group.map(groups.contains) ?? true }

    /// A block with the settings that the study makes for all blocks.
    init(inheriting study: StudyDefinition) {
      (pool, trials, scale, leastHearing) = (study.pool, study.trials, study.scale, study.leastHearing)
    }
  }

  /// How much of a sound must be heard before it can be judged, all plays added up. The larger of the two limits
  /// applies.
  public struct LeastHearing: Sendable, Equatable {
    /// In seconds. A shorter sound must be heard in full. 0: starting it is enough.
    public var seconds = 3.0
    /// A share of the sound's length, from 0 to 1.
    public var share = 0.0

    /// Three seconds of each sound.
    public init() {}
  }

  /// A rating scale with a word for each point.
  public struct RatingScale: Sendable, Equatable {
    /// The scale's name in the tables.
    public var name = ""
    /// The question above the words. None if empty.
    public var question: Localized = [:]
    /// The words, from best to worst. Empty for those of ITU-T P.800.
    public var labels: [Localized] = []

    /// A scale with the five words of ITU-T P.800, still without a name.
    public init() {}

    /// The number of points. The best is this number, the worst is 1.
    public var count: Int { labels.isEmpty ? 5 : labels.count }
  }

  /// Where a version begins to play. `in_place`: where the one before it was. `from_start`: at its beginning.
  public enum Switching: String, Sendable, CaseIterable {
    case inPlace = "in_place"
    case fromStart = "from_start"
  }

  /// What a block's trials are made of. `rankings`: queries, and candidates that systems ranked for them. `renderings`:
  /// items, each in the versions that several systems made of it. `sounds`: a set of sounds, judged one by one or
  /// compared with one another.
  public enum SoundSource: String, Sendable, CaseIterable { case rankings, renderings, sounds }

  /// `written`: as in the file. `shuffled`: random. `balanced`: over the participants, each block comes equally often
  /// at each position.
  public enum BlockOrder: String, Sendable, CaseIterable { case written, shuffled, balanced }

  /// Where sounds and rankings are, and how they are prepared.
  public struct Sounds: Sendable, Equatable {
    /// Tables, relative to the study's folder. Columns of `queries`: query, condition, file, reference. Columns of
    /// `candidates`: candidate, condition, file, licence, source.
    public var queries = "sounds/mixes/mixes.csv"
    /// Also the sounds of blocks whose source is `sounds`. Only candidate and file are required.
    public var candidates = "sounds/library/library.csv"
    /// A table, relative to the study's folder, as `Ranking.read` reads it.
    public var rankings = "sounds/rankings.csv"
    /// A table, relative to the study's folder. Its columns: item, system, file, reference.
    public var renderings = "sounds/renderings.csv"
    /// `item`: one gain for all versions of an item. `each`: every version at the same loudness. `as_is`: levels stay as they
    /// are.
    public enum RenderingsLevel: String, Sendable, CaseIterable {
      case item, each
      case asIs = "as_is"
    }
    /// How the versions of an item are matched in level. Nothing is trimmed in any case.
    public var renderingsLevel = RenderingsLevel.item
    /// The integrated loudness to which queries are brought (ITU-R BS.1770), in LUFS.
    public var queryLoudness = -23.0
    /// The loudness to which one-shots are brought, in LUFS, measured as `Stimuli` documents.
    public var candidateLoudness = -27.0
    /// In dBTP. No stimulus exceeds it, unless renderings are presented as they are: those are only kept from clipping.
    public var truePeakCeiling = -1.0
    /// The sample rate of stimuli, in hertz. Versions of one item, and single sounds, keep their files' own rate if all agree and
    /// it is at most 96 kHz.
    public var sampleRate = 44100
    /// In seconds. Longer one-shots are faded out here.
    public var candidateMaxDuration = 3.0

    /// All defaults. The tables are below `sounds/`.
    public init() {}
  }

  /// Which candidates a trial shows.
  public struct Pool: Sendable, Equatable {
    /// Systems whose candidates are shown. Empty for all in the rankings.
    public var systems: [String] = []
    /// How many of each system's first candidates are shown.
    public var topK = 3
    /// How many further candidates of the condition are drawn from those that no system put among its first.
    public var randomFillers = 0
    /// Whether the true sample is among the candidates, unmarked.
    public var hiddenReference = true
    /// The cutoff frequency, in hertz, of an unmarked anchor: the true sample, low-passed. Nil for none.
    public var anchorLowpass: Double? = 3500
    /// The most candidates on one page. A larger pool is thinned, fairly to all systems, and `check` reports it:
    /// reference and anchor stay, then the systems' candidates rank by rank, then the fillers.
    public var maxPerTrial = 8

    /// The first three candidates of each system, the true sample, and an anchor at 3.5 kHz.
    public init() {}
  }

  /// What each participant is asked: `trials` in study.yaml.
  public struct Trials: Sendable, Equatable {
    /// The queries to ask about, by name. Empty for all.
    public var queries: [String] = []
    /// The conditions to ask about. Empty for all in the tables.
    public var conditions: [String] = []
    /// How many items each participant rates in the main block. Nil for all.
    public var perParticipant: Int?
    /// How many practice trials the block begins with.
    public var training = 1
    /// How many of its trials are shown a second time.
    public var repeats = 1
    /// How many attention checks are spread over its trials.
    public var catches = 1
    /// The order of the trials after practice.
    public var order = Order.shuffled
    /// Determines everything that is random in pools and plans.
    public var seed: UInt64 = 1
    /// How long a trial is expected to take, in seconds per candidate. Used for the time left and by `check`.
    public var secondsPerCandidate = 5.0
    /// How many seconds of the loop are played before a sample that is compared with it. 0 for the whole loop.
    public var compareSeconds = 0.0
    /// Two systems whose comparison gets most of the trials. Empty to ask all pages equally often.
    public var focus: [String] = []
    /// With `focus`: the share of a participant's trials, from 0 to 1, spent on pages that distinguish the two systems.
    public var focusShare = 0.8

    /// All items, in random order, with one practice trial, one repeat and one attention check.
    public init() {}

    /// `shuffled`: all trials in random order. `blocked`: one condition after another, in balanced order. `written`: as
    /// in the tables.
    public enum Order: String, Sendable, CaseIterable { case shuffled, blocked, written }
  }

  /// The rating scale: `scale` in study.yaml.
  public struct Scale: Sendable, Equatable {
    /// `slider`: continuous, in whole numbers. `likert`: one button per point.
    public enum Kind: String, Sendable, CaseIterable { case slider, likert }
    /// How a rating is given.
    public var kind = Kind.slider
    /// The rating at the low end. It is below `maximum`.
    public var minimum = 0
    /// The rating at the high end: the most similar.
    public var maximum = 100
    /// The words at the low and the high end.
    public var low: Localized = ["en": "not at all alike"]
    /// The words at the high end, in each language.
    public var high: Localized = ["en": "the same sound"]
    /// Whether a slider shows its number.
    public var showValue = false

    /// A slider from 0 to 100, with English words for similarity at its ends.
    public init() {}
  }

  /// What participants agree to: `consent` in study.yaml.
  public struct Consent: Sendable, Equatable {
    /// Markdown.
    public var text: Localized = [:]
    /// The words beside the checkbox.
    public var agree: Localized = ["en": "I have read this and agree to take part."]

    /// A checkbox with English words. The text is empty, which a study must not leave so.
    public init() {}
  }

  /// The headphone check: `headphones` in study.yaml.
  public struct Headphones: Sendable, Equatable {
    /// The task of a round. Both are hard on loudspeakers, where each ear also hears the other's channel.
    public enum Kind: String, Sendable, CaseIterable {
      /// Which of three tones is quietest. On loudspeakers, another one cancels itself out in the air (Woods et al.
      /// 2017).
      case antiphase
      /// Which of three noises contains a faint tone, audible only if each ear hears its own channel (Milne et al.
      /// 2020).
      case huggins
    }

    /// Whether there is a headphone check.
    public var check = true
    /// The task of all rounds, except those that tell left from right.
    public var kind = Kind.antiphase
    /// Rounds per attempt, not counting those that tell left from right.
    public var trials = 6
    /// How many attempts a listener has to pass.
    public var attempts = 1
    /// How often the sounds of a round may be played. 0 for any number of times.
    public var mostPlays = 0
    /// How many right answers an attempt needs to pass.
    public var pass = 5
    /// Whether listeners who fail are turned away. They are marked in participants.csv in either case.
    public var required = false
    /// Whether an attempt begins with rounds that tell left from right.
    public var sides = false
    /// How many such rounds there are. With only one, a guess among three would pass too often.
    public static let sideRounds = 2
    /// All rounds of one attempt. Those that tell left from right come first.
    public var roundsEach: Int { (sides ? Self.sideRounds : 0) + trials }
    /// All rounds of all attempts.
    public var rounds: Int { roundsEach * attempts }
    /// Whether a round tells left from right.
    /// - Parameter round: from 1, counted over all attempts.
    public func tellsSides(round: Int) -> Bool { sides && (round - 1) % roundsEach < Self.sideRounds }

    /// One attempt of six rounds, of which five must be right. Nobody is turned away.
    public init() {}
  }

  /// What follows the last trial: `finish` in study.yaml.
  public struct Finish: Sendable, Equatable {
    /// The URL to which the finish page leads, after its `placeholders` are filled in.
    public var redirect: String?
    /// A code shown on the finish page, for the participant to copy.
    public var code: String?

    /// Earshot's own words, without a code or an address.
    public init() {}

    /// What can be filled in, besides the link parameters that the study keeps.
    public static let placeholders = ["external_id", "participant", "panel_study", "panel_session"]
    /// Filled in last: a signature by which a panel verifies the URL.
    public static let signature = "signature"
  }

  /// What a participant is told whose session ends, and where they are sent.
  public struct WayOut: Sendable, Equatable {
    /// Markdown. Empty for Earshot's own words.
    public var text: Localized = [:]
    /// Like those of `Finish`.
    public var code: String?
    /// The URL to which the page leads, after the `placeholders` of `Finish` are filled in. Nil for none.
    public var redirect: String?

    /// Neither a code nor an address.
    public init() {}

    /// Whether the study says nothing about this outcome.
    public var isEmpty: Bool { self == WayOut() }
    /// Whether participants are given a code, or sent back to where they came from.
    public var leadsBack: Bool { code != nil || redirect != nil }
  }

  /// How participants leave before the last step. It is not part of the study's version.
  public struct Leaving: Sendable, Equatable {
    /// What happens to the answers of those who stop before the end.
    public enum Answers: String, Sendable, CaseIterable {
      case kept, deleted
      /// Each of them decides.
      case asked
    }

    /// What happens to the answers of listeners who stop before the end.
    public var withdrawnAnswers = Answers.kept
    /// For people who do not agree. If it is set, the first page has a button for them. Nothing about them is stored.
    public var noConsent = WayOut()
    /// For people who arrive when the study, or their group, has as many listeners as it needs.
    public var quotaFull = WayOut()
    /// For listeners who fail a required headphone check.
    public var screenedOut = WayOut()
    /// For listeners who stop before the end. If it is set, every page has a button for that.
    public var withdrawn = WayOut()
    /// For sessions that cannot continue after a change of the design. If it is empty, `finish` applies.
    public var studyChanged = WayOut()

    /// Answers are kept, and no outcome has words, a code or an address of its own.
    public init() {}

    /// All outcomes that a study can describe, by key.
    static let all: [(key: String, path: KeyPath<Leaving, WayOut> & Sendable)] = [
      ("no_consent", \.noConsent), ("quota_full", \.quotaFull), ("screened_out", \.screenedOut),
      ("withdrawn", \.withdrawn), ("study_changed", \.studyChanged),
    ]
  }

  /// What participants are told at this outcome, and where they are sent. If the study does not say what to do after a
  /// change of its design, those affected leave as if they had finished, since they are not to blame.
  public func wayOut(_ outcome: Outcome) -> WayOut {
    var finish = WayOut()
    (finish.code, finish.redirect) = (self.finish.code, self.finish.redirect)
    switch outcome {
    case .completed:
      finish.text = texts.finish
      return finish
    case .studyChanged: return leaving.studyChanged.isEmpty ? finish : leaving.studyChanged
    case .screenedOut: return leaving.screenedOut
    case .quotaFull: return leaving.quotaFull
    case .noConsent: return leaving.noConsent
    case .withdrawn: return leaving.withdrawn
    }
  }

  /// How the participant's pages look.
  public struct Look: Sendable, Equatable {
    /// Files, relative to the study's folder.
    public var logo: String?
    /// Shown on dark pages instead of `logo`. Nil for the same logo on both.
    public var darkLogo: String?
    /// The font of all text, with which the pages replace the system's. Nil for none.
    public var font: String?
    /// Alternative text of the logo, for screen readers.
    public var logoText: Localized = [:]
    /// The colours of the light theme.
    public var light = Colours()
    /// The colours of the dark theme. Without an accent, it has that of the light one, lightened (`Palette`).
    public var dark = Colours()

    /// The colours that the study sets. Nil keeps Earshot's own.
    public struct Colours: Sendable, Equatable {
      /// `accent` is for buttons, links and selections, `paper` behind everything, `wash` behind notes and rows, `ink`
      /// for text, `soft` for less prominent text, `line` between parts, `edge` around buttons and fields.
      public var accent, paper, wash, ink, soft, line, edge: Colour?

      /// Sets no colour.
      public init() {}

      /// The colours that are set, by name.
      var colours: [Palette.Name: Colour] {
        let all: [(Palette.Name, Colour?)] = [
          (.accent, accent), (.paper, paper), (.wash, wash), (.ink, ink), (.soft, soft), (.line, line), (.edge, edge),
        ]
        return Dictionary(uniqueKeysWithValues: all.compactMap { name, colour in colour.map { (name, $0) } })
      }
    }

    /// Earshot's own look.
    public init() {}
  }

  /// How listeners join, and whether they may come again. It is not part of the study's version, so a study continues
  /// when it is changed.
  public struct Joining: Sendable, Equatable {
    /// Link parameters that identify the listener, tried before the well-known ones.
    public var id: [String] = []
    /// Link parameters to keep. Each becomes a column of participants.csv.
    public var keep: [String] = []
    /// Whether a listener who has finished may take part again.
    public var repeats = false
    /// The most listeners in one group, not counting those who left. Nil for any number.
    public var perGroup: Int?
    /// Whether to turn away anyone whose link does not identify them.
    public var needsID = false
    /// Whether to turn away anyone whose link contains no invitation.
    public var byInvitation = false
    /// Whether only those are admitted whose link says who they are.
    public var needsLink: Bool { needsID || byInvitation }
    /// How many listeners should finish without a flag. Nil for any number.
    public var listeners: Int?
    /// In minutes. After this long without activity, a session's place goes to the next newcomer.
    public var lease = 30
    /// When newcomers are first and last admitted. Nil for no such limit.
    public var opens: Moment?
    /// From this moment on, nobody is admitted. Listeners who have begun may continue.
    public var closes: Moment?
    /// The hours of each day, in `timeZone`, in which newcomers are admitted. Nil for all day.
    public var hours: Hours?
    /// The IANA name of the zone of `hours`, such as `Europe/Berlin`.
    public var timeZone = "UTC"
    /// How many newcomers are admitted per minute from one address. 0 for any number.
    public var perMinute = 600
    /// Sites whose pages may embed the study in a frame, such as `https://panel.example.org`.
    public var frames: [String] = []

    /// Anybody may join at any time. Listeners who can be recognised take part once.
    public init() {}
  }

  /// The rules that flag a finished session. As they are by default, they flag nothing. They are not part of the study's
  /// version. Sessions with a skipped step are flagged whatever they say.
  public struct Flags: Sendable, Equatable {
    /// `too_fast`: the session took fewer minutes than this.
    public var minutes = 0.0
    /// `unheard`: a smaller share (0 to 1) of the sounds in main trials was played.
    public var heard = 0.0
    /// `inattentive`: more attention checks than this were failed. Nil flags nothing.
    public var checksFailed: Int?
    /// `no_headphones`: flags sessions in which the headphone check was not passed.
    public var headphones = false

    /// No rule of the study flags a session.
    public init() {}
  }
}
