import Foundation

/// What `study.yaml` says, complete with defaults: everything that the experimenter decides. It names sounds and
/// systems; `StudyDesign` is what follows from it once the tables are read.
///
/// The values that stand here are the defaults of `study.yaml`; `StudyKeys` names and explains every key.
public struct StudyDefinition: Sendable, Equatable {
  /// In the first language.
  public var title = ""
  /// Where it differs between languages.
  public var titles: Localized = [:]
  /// BCP 47 codes; the first is the default.
  public var languages = ["en"]
  public var texts = Texts()
  public var sounds = Sounds()
  public var pool = Pool()
  public var trials = Trials()
  public var scale = Scale()
  public var leastHearing = LeastHearing()
  public var consent = Consent()
  public var questionnaire: [Question] = []
  public var headphones = Headphones()
  public var finish = Finish()
  public var look = Look()
  public var leaving = Leaving()
  public var joining = Joining()
  public var flags = Flags()
  /// Runs of trials, each of one type; empty where the study is one block of similarity.
  public var blocks: [Block] = []
  public var blockOrder = BlockOrder.written
  /// Names of groups of listeners, who may be given other blocks than others are; empty where all are given the same.
  public var groups: [String] = []

  /// What is run: the blocks, or the one that stands for a file that names none.
  public var runs: [Block] {
    guard blocks.isEmpty else { return blocks }
    var block = Block(inheriting: self)
    (block.name, block.question) = (block.type, texts.question)
    return [block]
  }

  /// Asked behind all blocks, whatever their order.
  public var closing: [Question] = []

  /// All questions of a session, in the order of the file.
  public var questions: [Question] { questionnaire + blocks.flatMap(\.questionnaire) + closing }

  /// All defaults; a study must at least give itself a title and a consent text.
  public init() {}

  /// A text in each language of the study.
  public typealias Localized = [String: String]

  /// Markdown, shown on the pages of the same names. `question` is one line and may hold `{condition}`.
  public struct Texts: Sendable, Equatable {
    public var welcome: Localized = ["en": "# Welcome\n\nThank you for listening with us."]
    public var instructions: Localized = [
      "en": """
      # What to do

      You hear a loop and some samples. Rate how similar each sample sounds to the drum of the loop that the page names.
      """
    ]
    public var question: Localized = ["en": "How similar is each sample to the {condition} in this loop?"]
    public var finish: Localized = ["en": "# Thank you\n\nAll your answers are saved."]
    /// How a condition is called on the page, by condition: `hihat` → `hi-hat`.
    public var conditions: [String: Localized] = [:]
    /// In place of what the pages say, by the dotted names of their messages.
    public var pages: [String: Localized] = [:]

    public init() {}
  }

  /// A run of trials of one type.
  public struct Block: Sendable, Equatable {
    public var name = ""
    /// The name of a trial type.
    public var type = "similarity"
    /// The groups of listeners who are given it; all where it is empty.
    public var groups: [String] = []
    /// One line at the top of each trial; may hold `{condition}`.
    public var question: Localized = [:]
    /// Shown before the block; none where it is empty.
    public var instructions: Localized = [:]
    /// A page of rest before the block; none where it is empty.
    public var pause: Localized = [:]
    /// A page of rest behind each so many of its trials, but not behind the last; 0 for none.
    public var pauseEvery = 0
    /// The same behind each so many minutes that its trials are expected to take; 0 for none.
    public var pauseMinutes = 0.0
    /// For so long, in seconds, its pages of rest cannot be left; 0: nobody has to wait.
    public var pauseLeast = 0.0
    /// How often a sound may be played on its page; 0: as often as one likes.
    public var mostPlays = 0
    /// Whether only the sound that plays can be judged.
    public var judgesWhilePlaying = false
    /// Whether practice tells what was right.
    public var givesFeedback = false
    /// Whether a page has room for a remark.
    public var takesComments = false
    /// Where its sounds come from; what its type asks about most often where it is nil.
    public var source: SoundSource?
    /// Of `mushra`: the reference low-passed at these frequencies in hertz is among the versions, unmarked.
    public var anchors = [3500.0, 7000]
    public var leastHearing = LeastHearing()
    /// Of `acr` and `dcr`: what each sound is rated on; on the words of ITU-T P.800 where there are none.
    public var scales: [RatingScale] = []
    /// Of `ab`: whether "no difference" may be answered.
    public var allowsNeither = false
    public var pool = Pool()
    public var trials = Trials()
    public var scale = Scale()
    /// Asked behind the block.
    public var questionnaire: [Question] = []

    public init() {}

    /// Whether a group of listeners meets it; nil where there are no groups.
    public func isGiven(to group: String?) -> Bool { groups.isEmpty || group.map(groups.contains) ?? true }

    /// With what the study says for all blocks.
    init(inheriting study: StudyDefinition) {
      (pool, trials, scale, leastHearing) = (study.pool, study.trials, study.scale, study.leastHearing)
    }
  }

  /// How long a sound is heard, all times together, before it is judged.
  public struct LeastHearing: Sendable, Equatable {
    /// Or as long as it is, where it is shorter; 0: any start will do.
    public var seconds = 3.0
    /// Of its length, from 0 to 1.
    public var share = 0.0

    public init() {}
  }

  /// A scale of words.
  public struct RatingScale: Sendable, Equatable {
    /// In the tables.
    public var name = ""
    /// Above its words; nothing where it is empty.
    public var question: Localized = [:]
    /// From the best to the worst; those of ITU-T P.800 where there are none.
    public var labels: [Localized] = []

    public init() {}

    /// How many words it has; the best is this number, the worst 1.
    public var count: Int { labels.isEmpty ? 5 : labels.count }
  }

  /// What a block's trials are made of. `rankings`: queries, and candidates that systems ranked for them. `renderings`:
  /// items, each in the versions that some systems made of it. `sounds`: a set of sounds, by themselves or compared with
  /// one another.
  public enum SoundSource: String, Sendable, CaseIterable { case rankings, renderings, sounds }

  /// `written`: as in the file; `shuffled`: at random; `balanced`: each block as often at each place, over participants.
  public enum BlockOrder: String, Sendable, CaseIterable { case written, shuffled, balanced }

  /// Where the sounds and rankings are and how they are prepared.
  public struct Sounds: Sendable, Equatable {
    /// Tables, relative to the study's folder. `queries`: query, condition, file, reference. `candidates`: candidate,
    /// condition, file, licence, source.
    public var queries = "sounds/mixes/mixes.csv"
    public var candidates = "sounds/library/library.csv"
    public var rankings = "sounds/rankings.csv"
    /// item, system, file, reference; relative to the study's folder.
    public var renderings = "sounds/renderings.csv"
    /// `item`: one gain for all versions of an item; `as_is`: none.
    public enum RenderingsLevel: String, Sendable, CaseIterable {
      case item
      case asIs = "as_is"
    }
    public var renderingsLevel = RenderingsLevel.item
    /// Integrated loudness of loops (ITU-R BS.1770), in LUFS.
    public var queryLoudness = -23.0
    /// Loudness of one-shots by the rule that `Stimuli` documents, in LUFS.
    public var candidateLoudness = -27.0
    /// In dBTP; no stimulus exceeds it.
    public var truePeakCeiling = -1.0
    /// In hertz.
    public var sampleRate = 44100
    /// In seconds; longer one-shots are faded out here.
    public var candidateMaxDuration = 3.0

    public init() {}
  }

  /// Which candidates a trial shows.
  public struct Pool: Sendable, Equatable {
    /// Systems whose candidates are shown; empty means all in the rankings.
    public var systems: [String] = []
    /// The first so many of each system.
    public var topK = 3
    /// Candidates of the class that no system put among its first, drawn with the study's seed.
    public var randomFillers = 0
    /// The true sample, unmarked.
    public var hiddenReference = true
    /// The true sample low-passed at this frequency in hertz, unmarked; nil for none.
    public var anchorLowpass: Double? = 3500
    /// At most so many candidates on one page. A larger pool is thinned, fairly to all systems, as `check` reports:
    /// reference and anchor stay, then the systems' candidates rank by rank, then the fillers.
    public var maxPerTrial = 8

    public init() {}
  }

  /// What each participant is asked: `trials` in study.yaml.
  public struct Trials: Sendable, Equatable {
    /// Queries asked for, by name; empty means all.
    public var queries: [String] = []
    /// Conditions asked for; empty means all in the tables.
    public var conditions: [String] = []
    /// Trials of the main block for each participant; nil means every item.
    public var perParticipant: Int?
    public var training = 1
    public var repeats = 1
    public var catches = 1
    public var order = Order.shuffled
    public var seed: UInt64 = 1
    /// A trial is expected to take so many seconds for each candidate; for the time left and for `check`.
    public var secondsPerCandidate = 5.0
    /// How much of the loop is played before a sample that is compared with it; 0: all.
    public var compareSeconds = 0.0
    /// Two systems whose comparison gets most of the trials; empty: all pages are asked equally often.
    public var focus: [String] = []
    /// Of a participant's trials, so large a part is of pages that tell these two apart.
    public var focusShare = 0.8

    public init() {}

    /// `shuffled`: all trials at random; `blocked`: one condition after another, in balanced order; `written`: as the tables
    /// have them.
    public enum Order: String, Sendable, CaseIterable { case shuffled, blocked, written }
  }

  /// What is rated on: `scale` in study.yaml.
  public struct Scale: Sendable, Equatable {
    /// `slider`: continuous in whole numbers; `likert`: one button a point.
    public enum Kind: String, Sendable, CaseIterable { case slider, likert }
    public var kind = Kind.slider
    public var minimum = 0
    public var maximum = 100
    /// Words at the low and the high end.
    public var low: Localized = ["en": "not at all alike"]
    public var high: Localized = ["en": "the same sound"]
    public var showValue = false

    public init() {}
  }

  /// What participants agree to: `consent` in study.yaml.
  public struct Consent: Sendable, Equatable {
    /// Markdown.
    public var text: Localized = [:]
    /// The words of the box that is ticked.
    public var agree: Localized = ["en": "I have read this and agree to take part."]

    public init() {}
  }

  /// The headphone check: `headphones` in study.yaml.
  public struct Headphones: Sendable, Equatable {
    /// What a round asks about; either is told from loudspeakers by what each ear hears alone.
    public enum Kind: String, Sendable, CaseIterable {
      /// Which of three tones is quieter, where another cancels itself in the air (Woods et al. 2017).
      case antiphase
      /// Which of three noises holds a faint tone, which only two ears together can hear (Milne et al. 2020).
      case huggins
    }

    public var check = true
    public var kind = Kind.antiphase
    /// Rounds of one attempt.
    public var trials = 6
    /// How often the check may be made until it is passed.
    public var attempts = 1
    /// How often the sounds of a round may be played; 0: as often as one likes.
    public var mostPlays = 0
    /// Right answers of an attempt needed to pass.
    public var pass = 5
    /// Whether those who fail may go on (they are marked in participants.csv either way).
    public var required = false
    /// Whether an attempt begins with rounds that tell left from right.
    public var sides = false
    /// How many rounds tell left from right, where any do: one of three would be found by luck too often.
    public static let sideRounds = 2
    /// Of one attempt: those that tell left from right come first.
    public var roundsEach: Int { (sides ? Self.sideRounds : 0) + trials }
    /// Of all attempts.
    public var rounds: Int { roundsEach * attempts }
    /// - Parameter round: from 1, over all attempts.
    public func tellsSides(round: Int) -> Bool { sides && (round - 1) % roundsEach < Self.sideRounds }

    public init() {}
  }

  /// What follows the last trial: `finish` in study.yaml.
  public struct Finish: Sendable, Equatable {
    /// Where the finish page leads; `placeholders` are filled in.
    public var redirect: String?
    /// Shown on the finish page, to be copied.
    public var code: String?

    public init() {}

    /// What can be filled in beside what the study keeps of links.
    public static let placeholders = ["external_id", "participant", "panel_study", "panel_session"]
    /// Filled in last: what a panel proves the address by.
    public static let signature = "signature"
  }

  /// What is told to somebody whose part comes to an end, and where that leads.
  public struct WayOut: Sendable, Equatable {
    /// Markdown; Earshot's own words where it is empty.
    public var text: Localized = [:]
    /// As in `Finish`.
    public var code: String?
    public var redirect: String?

    public init() {}

    /// Nothing is said of it.
    public var isEmpty: Bool { self == WayOut() }
  }

  /// How listeners leave before the last step. It is no part of the study's version.
  public struct Leaving: Sendable, Equatable {
    /// What becomes of the answers of those who stop before the end.
    public enum Answers: String, Sendable, CaseIterable {
      case kept, deleted
      /// As each of them wishes.
      case asked
    }

    public var withdrawnAnswers = Answers.kept
    public var noConsent = WayOut()
    public var quotaFull = WayOut()
    public var screenedOut = WayOut()
    public var withdrawn = WayOut()
    public var studyChanged = WayOut()

    public init() {}

    /// Each that can be said, by its key.
    static let all: [(key: String, path: KeyPath<Leaving, WayOut> & Sendable)] = [
      ("no_consent", \.noConsent), ("quota_full", \.quotaFull), ("screened_out", \.screenedOut),
      ("withdrawn", \.withdrawn), ("study_changed", \.studyChanged),
    ]
  }

  /// What is told at an end. Where the study says nothing of a change of its design, those whom it meets leave as if they
  /// had finished: they are not to blame.
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
    public var darkLogo: String?
    public var font: String?
    /// What the logo says, for those who do not see it.
    public var logoText: Localized = [:]
    public var light = Colours()
    public var dark = Colours()

    /// What is said of the pages' colours; nil leaves one as it is.
    public struct Colours: Sendable, Equatable {
      public var accent, paper, wash, ink, soft, line, edge: Colour?

      public init() {}

      /// Those that are said.
      var colours: [Palette.Name: Colour] {
        let all: [(Palette.Name, Colour?)] = [
          (.accent, accent), (.paper, paper), (.wash, wash), (.ink, ink), (.soft, soft), (.line, line), (.edge, edge),
        ]
        return Dictionary(uniqueKeysWithValues: all.compactMap { name, colour in colour.map { (name, $0) } })
      }
    }

    public init() {}
  }

  /// How listeners come, and whether they may come again. It is no part of the study's version: a study goes on when it
  /// is changed.
  public struct Joining: Sendable, Equatable {
    /// Parameters of the link that name the listener, before those that are known anyway.
    public var id: [String] = []
    /// Parameters of the link that are kept, each a column of participants.csv.
    public var keep: [String] = []
    /// Whether one who has finished may take part again.
    public var repeats = false
    /// At most so many listeners in a group, those who left aside; nil for any number.
    public var perGroup: Int?
    /// Whether one whom the link does not name is turned away.
    public var needsID = false
    /// Whether one is turned away whose link holds no invitation.
    public var byInvitation = false
    /// How many are wanted who finish without a flag; nil for as many as come.
    public var listeners: Int?
    /// Of a session that is not heard of for so long, the place goes to the next, in minutes.
    public var lease = 30
    /// Newcomers are let in from here and until there; nil for no such limit.
    public var opens: Moment?
    public var closes: Moment?
    /// And within these hours of each day, in that zone; nil for all day.
    public var hours: Hours?
    public var timeZone = "UTC"
    /// Newcomers from one address, a minute; 0 for any number.
    public var perMinute = 600
    /// Sites whose pages may show the study in a frame, as `https://panel.example.org`.
    public var frames: [String] = []

    public init() {}
  }

  /// By what a finished session is flagged; 0 and false flag nothing. It is no part of the study's version.
  public struct Flags: Sendable, Equatable {
    /// `too_fast`: fewer minutes from the beginning to the end.
    public var minutes = 0.0
    /// `unheard`: a smaller share of the sounds of main trials was played.
    public var heard = 0.0
    /// `inattentive`: more attention checks were failed; nil flags nothing.
    public var checksFailed: Int?
    /// `no_headphones`: the headphone check was not passed.
    public var headphones = false

    public init() {}
  }
}
