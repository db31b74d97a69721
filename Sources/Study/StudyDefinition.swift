import Foundation

/// What `study.yaml` says, complete with defaults: everything that the experimenter decides. It names sounds and
/// systems; `StudyDesign` is what follows from it once the tables are read.
public struct StudyDefinition: Sendable, Equatable {
  public var title: String
  /// BCP 47 codes; the first is the default.
  public var languages: [String]
  public var texts: Texts
  public var sounds: Sounds
  public var pool: Pool
  public var trials: Trials
  public var scale: Scale
  public var consent: Consent
  public var questionnaire: [Question]
  public var headphones: Headphones
  public var finish: Finish

  /// A text in each language of the study.
  public typealias Localized = [String: String]

  /// Markdown, shown on the pages of the same names. `question` is one line and may hold `{condition}`.
  public struct Texts: Sendable, Equatable {
    public var welcome: Localized
    public var instructions: Localized
    public var question: Localized
    public var finish: Localized
    /// How a condition is called on the page, by condition: `hihat` → `hi-hat`.
    public var conditions: [String: Localized]
  }

  /// Where the sounds and rankings are and how they are prepared.
  public struct Sounds: Sendable, Equatable {
    /// Tables, relative to the study's folder. `queries`: query, condition, file, reference. `candidates`: candidate,
    /// condition, file, licence, source.
    public var queries: String
    public var candidates: String
    public var rankings: String
    /// Integrated loudness of loops (ITU-R BS.1770), in LUFS.
    public var queryLoudness: Double
    /// Loudness of one-shots by the rule that `Stimuli` documents, in LUFS.
    public var candidateLoudness: Double
    /// In dBTP; no stimulus exceeds it.
    public var truePeakCeiling: Double
    /// In hertz.
    public var sampleRate: Int
    /// In seconds; longer one-shots are faded out here.
    public var candidateMaxDuration: Double
  }

  /// Which candidates a trial shows.
  public struct Pool: Sendable, Equatable {
    /// Systems whose candidates are shown; empty means all in the rankings.
    public var systems: [String]
    /// The first so many of each system.
    public var topK: Int
    /// Candidates of the class that no system put among its first, drawn with the study's seed.
    public var randomFillers: Int
    /// The true sample, unmarked.
    public var hiddenReference: Bool
    /// The true sample low-passed at this frequency in hertz, unmarked; nil for none.
    public var anchorLowpass: Double?
    /// At most so many candidates on one page; a larger pool is split over trials or thinned, as `check` reports.
    public var maxPerTrial: Int
  }

  public struct Trials: Sendable, Equatable {
    /// Queries asked for, by name; empty means all.
    public var queries: [String]
    /// Conditions asked for; empty means all in the tables.
    public var conditions: [String]
    /// Trials of the main block for each participant; nil means every item.
    public var perParticipant: Int?
    public var training: Int
    public var repeats: Int
    public var catches: Int
    public var order: Order
    public var seed: UInt64
    /// A trial is expected to take so many seconds for each candidate; for the time left and for `check`.
    public var secondsPerCandidate: Double

    /// `shuffled`: all trials at random; `blocked`: one condition after another, in balanced order.
    public enum Order: String, Sendable, CaseIterable { case shuffled, blocked }
  }

  public struct Scale: Sendable, Equatable {
    /// `slider`: continuous in whole numbers; `likert`: one button a point.
    public enum Kind: String, Sendable, CaseIterable { case slider, likert }
    public var kind: Kind
    public var minimum: Int
    public var maximum: Int
    /// Words at the low and the high end.
    public var low: Localized
    public var high: Localized
    public var showValue: Bool
  }

  public struct Consent: Sendable, Equatable {
    /// Markdown.
    public var text: Localized
    /// The words of the box that is ticked.
    public var agree: Localized
  }

  public struct Question: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable { case text, number, choice, choices }
    /// The column in participants.csv.
    public var id: String
    public var kind: Kind
    public var text: Localized
    public var required: Bool
    /// For `choice` and `choices`: the value stored and the words shown.
    public var options: [Option]
    /// For `number`.
    public var minimum: Double?
    public var maximum: Double?

    public struct Option: Sendable, Equatable {
      public var value: String
      public var text: Localized
    }
  }

  public struct Headphones: Sendable, Equatable {
    /// Three-tone phase-cancellation check (Woods et al. 2017), of `trials` rounds.
    public var check: Bool
    public var trials: Int
    /// Right answers needed to pass.
    public var pass: Int
    /// Whether those who fail may go on (they are marked in participants.csv either way).
    public var required: Bool
  }

  public struct Finish: Sendable, Equatable {
    /// Where the finish page leads; `{external_id}` and `{participant}` are filled in.
    public var redirect: String?
  }
}
