import Study
import Trials

// What a browser is told, and nothing else: no system, no rank, no candidate's name, no file, no mark of a reference, an
// anchor, a catch or a repeat is reachable from the types of a participant.

/// The answer to `POST /api/sessions` and `POST /api/return`
public struct JoinedView: Codable, Sendable {
  /// Opens the session from now on.
  public var token: String

  public init(token: String) {
    self.token = token
  }
}

/// A picture above the pages: its addresses lead from the study's root.
public struct LogoView: Codable, Sendable {
  public var address: String
  /// For dark pages; left out where it is the same.
  public var dark: String?
  /// What it says.
  public var text: String

  public init(address: String, dark: String? = nil, text: String) {
    self.address = address
    self.dark = dark
    self.text = text
  }
}

/// `GET /api/study`
public struct StudyView: Codable, Sendable {
  /// HTML, but for `title` and `agree`.
  public struct Texts: Codable, Sendable {
    public var title: String
    public var welcome: String
    public var consent: String
    public var agree: String
    /// In place of what the pages say, by the dotted names of their messages; left out where nothing is.
    public var pages: [String: String]?
    /// Left out where there is none.
    public var logo: LogoView?

    public init(
      title: String, welcome: String, consent: String, agree: String, pages: [String: String]? = nil,
      logo: LogoView? = nil
    ) {
      self.pages = pages
      self.logo = logo
      self.title = title
      self.welcome = welcome
      self.consent = consent
      self.agree = agree
    }
  }

  public var title: String
  public var languages: [String]
  /// By language.
  public var texts: [String: Texts]
  /// Whether newcomers are let in; where not, why, and from when on, as ISO 8601, where that is known.
  public var open: Bool
  public var closed: Closed?
  public var opensAt: String?
  /// What whoever runs the study tells those who are turned away.
  public var message: String?
  /// Whether one who does not want to take part is told something.
  public var declines: Bool?
  /// Listeners come back by the code that their breaks show.
  public var takesCodes: Bool?
  public var minutes: Int
  public var questions: Int
  public var trials: Int
  /// The participant whose session is shown, where it is only a preview.
  public var preview: Int?

  public init(
    title: String, languages: [String], texts: [String: Texts], closed: Closed? = nil, opensAt: String? = nil,
    message: String? = nil, declines: Bool? = nil, takesCodes: Bool? = nil, minutes: Int, questions: Int, trials: Int,
    preview: Int? = nil
  ) {
    self.preview = preview
    self.closed = closed
    self.opensAt = opensAt
    self.message = message
    self.declines = declines
    self.takesCodes = takesCodes
    self.title = title
    self.languages = languages
    self.texts = texts
    open = closed == nil
    self.minutes = minutes
    self.questions = questions
    self.trials = trials
  }
}

/// `GET /api/sessions/TOKEN`. `audio` and `query` name a sound: the address of a parcel and, behind `#`, its place in there.
public struct SessionView: Codable, Sendable {
  /// How a session stands.
  public enum State: String, Codable, Sendable, CaseIterable {
    case active, finished, ended
    case screenedOut = "screened_out"
  }

  /// What the pages need to know of the study.
  public struct Study: Codable, Sendable {
    /// The headphone check, as the pages make it.
    public struct Headphones: Codable, Sendable {
      /// One question of the check.
      public struct Round: Codable, Sendable {
        /// What a round asks that is not of the check's own kind.
        public enum Kind: String, Codable, Sendable {
          /// Which of three tones is on the left.
          case sides
        }

        public var index: Int
        public var audio: String
        /// Left out where it is the check's own.
        public var kind: Kind?

        public init(index: Int, audio: String, kind: Kind? = nil) {
          self.index = index
          self.audio = audio
          self.kind = kind
        }
      }

      public var check: Bool
      /// `huggins`; left out where it is `antiphase`.
      public var kind: String?
      /// How often it may be made; left out where once.
      public var attempts: Int?
      /// How often the sounds of a round may be played; left out where as often as one likes.
      public var maxPlays: Int?
      /// Of all attempts, one after the other.
      public var rounds: [Round]
      /// Whether those who fail are turned away.
      public var required: Bool

      public init(
        check: Bool, kind: String? = nil, attempts: Int? = nil, maxPlays: Int? = nil, rounds: [Round], required: Bool
      ) {
        self.check = check
        self.kind = kind
        self.attempts = attempts
        self.maxPlays = maxPlays
        self.rounds = rounds
        self.required = required
      }
    }

    /// What plays while the volume is set.
    public struct Volume: Codable, Sendable {
      public var audio: String

      public init(audio: String) {
        self.audio = audio
      }
    }

    public var title: String
    public var language: String
    /// In place of what the pages say, by the dotted names of their messages; left out where nothing is.
    public var pages: [String: String]?
    public var headphones: Headphones
    public var volume: Volume
    /// Whether one who stops before the end is told something; left out where not.
    public var mayWithdraw: Bool?
    /// What becomes of the answers of one who stops: `deleted` or `asked`; left out where they are kept.
    public var withdrawnAnswers: String?
    /// Left out where there is none.
    public var logo: LogoView?

    public init(
      title: String, language: String, pages: [String: String]? = nil, headphones: Headphones, volume: Volume,
      mayWithdraw: Bool? = nil, withdrawnAnswers: String? = nil, logo: LogoView? = nil
    ) {
      self.pages = pages
      self.logo = logo
      self.mayWithdraw = mayWithdraw
      self.withdrawnAnswers = withdrawnAnswers
      self.title = title
      self.language = language
      self.headphones = headphones
      self.volume = volume
    }
  }

  public var study: Study
  public var state: State
  public var done: DoneView
  public var trials: [TrialView]
  public var blocks: [BlockView]
  /// What is to be done, in its order.
  public var parts: [PartView]
  /// Milliseconds since the session began: from here on a page counts `at_ms`.
  public var elapsedMs: Int
  @Explicit public var finish: FinishView?
  /// As `StudyView.preview`.
  public var preview: Int?

  public init(
    study: Study, state: State, done: DoneView, trials: [TrialView], blocks: [BlockView], parts: [PartView],
    elapsedMs: Int, finish: FinishView?, preview: Int? = nil
  ) {
    self.preview = preview
    self.study = study
    self.state = state
    self.done = done
    self.trials = trials
    self.blocks = blocks
    self.parts = parts
    self.elapsedMs = elapsedMs
    self.finish = finish
  }
}

/// A question of a questionnaire, in the session's language.
public struct QuestionView: Codable, Sendable {
  /// One of the answers that are offered.
  public struct Option: Codable, Sendable {
    public var value: String
    public var text: String
    /// That nothing else is chosen beside it; missing where it is not so.
    public var exclusive: Bool?

    public init(value: String, text: String, exclusive: Bool? = nil) {
      self.value = value
      self.text = text
      self.exclusive = exclusive
    }
  }

  public var id: String
  /// A `StudyDefinition.Question.Kind`.
  public var kind: String
  public var text: String
  public var required: Bool
  /// The least and the most that is taken: of a number its value, of a text its characters, of `choices` how many are
  /// chosen, of a scale its first and last point.
  public var min: Double?
  public var max: Double?
  /// The same for a date, as `2024-12-31`.
  public var earliest: String?
  public var latest: String?
  /// The words at the ends of a scale.
  public var low: String?
  public var high: String?
  /// It is asked only where all of these hold; missing where it always is.
  public var shownIf: [StudyDefinition.Question.Condition]?
  public var options: [Option]

  public init(
    id: String, kind: String, text: String, required: Bool, min: Double? = nil, max: Double? = nil,
    earliest: String? = nil, latest: String? = nil, low: String? = nil, high: String? = nil,
    shownIf: [StudyDefinition.Question.Condition]? = nil, options: [Option]
  ) {
    self.id = id
    self.kind = kind
    self.text = text
    self.required = required
    self.min = min
    self.max = max
    self.earliest = earliest
    self.latest = latest
    self.low = low
    self.high = high
    self.shownIf = shownIf
    self.options = options
  }
}

/// A step that is answered once.
public struct StepView: Codable, Sendable {
  public var step: String
  /// A trial's index; of what belongs to a block, the block's place, from 1; else 0.
  public var number: Int

  public init(step: String, number: Int) {
    self.step = step
    self.number = number
  }
}

/// A run of trials of one type.
public struct BlockView: Codable, Sendable {
  /// What the block rates on.
  public struct Scale: Codable, Sendable {
    public var kind: String
    public var min: Int
    public var max: Int
    public var low: String
    public var high: String
    public var showValue: Bool

    public init(kind: String, min: Int, max: Int, low: String, high: String, showValue: Bool) {
      self.kind = kind
      self.min = min
      self.max = max
      self.low = low
      self.high = high
      self.showValue = showValue
    }
  }

  public var name: String
  /// May hold `{condition}`.
  public var question: String
  public var scale: Scale
  /// The sounds of a page are versions of the same material, to be switched between in place; left out where not.
  public var isAligned: Bool?
  /// Its sounds are a set, by themselves or compared with one another.
  public var isSet: Bool?
  /// Of `acr` and `dcr`: on what a sound is rated; left out where there is one scale, of the page's words.
  public var scales: [Words]?

  /// A scale of words.
  public struct Words: Codable, Sendable {
    public var name: String
    /// Empty where it has none.
    public var question: String
    /// From the best to the worst; empty for those of the page.
    public var labels: [String]

    public init(name: String, question: String, labels: [String]) {
      self.name = name
      self.question = question
      self.labels = labels
    }
  }

  /// Of `ab`: "no difference" may be answered; left out where not.
  public var allowsNeither: Bool?
  /// How often a sound may be played; left out where as often as one likes.
  public var maxPlays: Int?
  /// Practice tells what was right; left out where not.
  public var givesFeedback: Bool?
  /// A page has room for a remark; left out where not.
  public var takesComments: Bool?
  /// Only the sound that plays can be judged.
  public var whilePlaying: Bool?
  /// For so long a sound is heard before it is judged, in milliseconds; left out where any start will do.
  public var mustHearMs: Int?
  /// So large a part of it, from 0 to 1; left out where none need be.
  public var mustHearShare: Double?
  /// So much of the loop is played before a sample, in milliseconds; left out where all of it is.
  public var compareMs: Int?

  public init(
    name: String, question: String, scale: Scale, isAligned: Bool? = nil, isSet: Bool? = nil,
    scales: [Words]? = nil, allowsNeither: Bool? = nil, maxPlays: Int? = nil,
    givesFeedback: Bool? = nil, takesComments: Bool? = nil, whilePlaying: Bool? = nil,
    mustHearMs: Int? = nil, mustHearShare: Double? = nil, compareMs: Int? = nil
  ) {
    self.maxPlays = maxPlays
    self.givesFeedback = givesFeedback
    self.takesComments = takesComments
    self.whilePlaying = whilePlaying
    self.scales = scales
    self.mustHearMs = mustHearMs
    self.mustHearShare = mustHearShare
    self.compareMs = compareMs
    self.isAligned = isAligned
    self.isSet = isSet
    self.allowsNeither = allowsNeither
    self.name = name
    self.question = question
    self.scale = scale
  }
}

/// One step of the session.
public struct PartView: Codable, Sendable {
  public var step: String
  /// A trial's index; of what belongs to a block, the block's place, from 1; else 0.
  public var number: Int
  /// Of instructions and breaks.
  public var html: String?
  /// Of a questionnaire.
  public var questions: [QuestionView]?
  /// Of a break: for so many seconds it cannot be left; left out where it can be at once.
  public var leastS: Double?
  /// Of a break: what opens the session on another device, typed on the first page.
  public var code: String?

  public init(
    step: String, number: Int, html: String? = nil, questions: [QuestionView]? = nil, leastS: Double? = nil,
    code: String? = nil
  ) {
    self.code = code
    self.leastS = leastS
    self.step = step
    self.number = number
    self.html = html
    self.questions = questions
  }
}

/// One screen that asks for an answer: of one shape, whatever the trial is for.
public struct TrialView: Codable, Sendable {
  /// A sound in its place, and where it is heard.
  public struct Candidate: Codable, Sendable {
    public var position: String
    public var audio: String

    public init(position: String, audio: String) {
      self.position = position
      self.audio = audio
    }
  }

  public var index: Int
  /// Its trial type.
  public var kind: String
  /// The place of its block in `blocks`, from 0.
  public var block: Int
  public var training: Bool
  public var condition: String
  public var conditionText: String
  /// Of an item that has none, null.
  @Explicit public var query: String?
  public var candidates: [Candidate]
  /// The time that it is expected to take.
  public var seconds: Double

  public init(
    index: Int, kind: String, block: Int, training: Bool, condition: String, conditionText: String, query: String?,
    candidates: [Candidate], seconds: Double
  ) {
    self.index = index
    self.kind = kind
    self.block = block
    self.training = training
    self.condition = condition
    self.conditionText = conditionText
    self.query = query
    self.candidates = candidates
    self.seconds = seconds
  }
}

/// What is answered, or not asked. Of trials their indices.
public struct DoneView: Codable, Sendable {
  public var questionnaire: Bool
  public var volume: Bool
  public var headphones: Bool
  public var instructions: Bool
  public var trials: [Int]
  /// Of what belongs to blocks.
  public var further: [StepView]

  public init(
    questionnaire: Bool, volume: Bool, headphones: Bool, instructions: Bool, trials: [Int], further: [StepView]
  ) {
    self.questionnaire = questionnaire
    self.volume = volume
    self.headphones = headphones
    self.instructions = instructions
    self.trials = trials
    self.further = further
  }
}

/// What is issued at the end: `text` is HTML.
public struct FinishView: Codable, Sendable {
  public var text: String
  @Explicit public var redirect: String?
  /// To be copied; left out where there is none.
  public var code: String?
  /// Of one who leaves before the last step: why. `text` is empty where the study says nothing of it.
  public var outcome: Outcome?

  public init(text: String, redirect: String?, code: String? = nil, outcome: Outcome? = nil) {
    self.text = text
    self.redirect = redirect
    self.code = code
    self.outcome = outcome
  }
}

/// The answer to `POST /api/sessions/TOKEN/responses` and `…/refused`
public struct SavedView: Codable, Sendable {
  public var saved: Bool
  /// Of the headphone check only.
  public var passed: Bool?
  /// Of a page of practice whose answer is right or wrong, where the block tells it.
  public var right: Bool?
  public var done: DoneView
  @Explicit public var finish: FinishView?

  public init(
    saved: Bool = true, passed: Bool? = nil, right: Bool? = nil, done: DoneView, finish: FinishView?
  ) {
    self.saved = saved
    self.right = right
    self.passed = passed
    self.done = done
    self.finish = finish
  }
}

/// The answer where nothing has to be told but that it is saved.
public struct KeptView: Codable, Sendable {
  public var saved: Bool

  public init(saved: Bool = true) {
    self.saved = saved
  }
}

/// The answer to `GET /healthz` and `/readyz`
public struct HealthView: Codable, Sendable {
  public var status: String

  public init(status: String = "ok") {
    self.status = status
  }
}

/// A value that is written as `null` where it is missing, instead of being left out.
@propertyWrapper
public struct Explicit<Value: Codable & Sendable>: Codable, Sendable {
  public var wrappedValue: Value?

  public init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}

/// Who is in the lab.
public struct SignedInView: Codable, Sendable {
  /// Empty: whoever has the study's secret.
  public var name: String
  /// `owner` or `reader`.
  public var role: String

  public init(name: String, role: String) {
    self.name = name
    self.role = role
  }
}
