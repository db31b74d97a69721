import Study
import Trials

// What a browser receives, and nothing else: no system, rank, candidate name or file name, and no mark of a reference,
// an anchor, an attention check or a repeat can be reached from the types sent to participants.

/// The answer to `POST /api/sessions` and `POST /api/return`
public struct JoinedView: Codable, Sendable {
  /// A token that opens the session from now on.
  public var token: String

  public init(token: String) {
    self.token = token
  }
}

/// A picture at the top of the pages. Its URLs are relative to the study's root.
public struct LogoView: Codable, Sendable {
  /// Such as `look/EDITION/logo.svg`.
  public var address: String
  /// The picture for dark pages. Omitted if it is the same.
  public var dark: String?
  /// The alternative text.
  public var text: String

  public init(address: String, dark: String? = nil, text: String) {
    self.address = address
    self.dark = dark
    self.text = text
  }
}

/// `GET /api/study`
public struct StudyView: Codable, Sendable {
  /// Texts as HTML, except `title`, `agree`, the messages in `pages` and the logo's text, which are plain.
  public struct Texts: Codable, Sendable {
    /// In the language that is the key of these texts.
    public var title: String
    /// The first page.
    public var welcome: String
    /// What listeners agree to.
    public var consent: String
    /// The words beside the checkbox by which they agree.
    public var agree: String
    /// Replacements for the pages' built-in messages, by the messages' dotted names. Omitted if there are none.
    public var pages: [String: String]?
    /// Omitted if there is none.
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

  /// In the study's first language; `texts` has it in all.
  public var title: String
  /// BCP 47 codes, the default first.
  public var languages: [String]
  /// By language.
  public var texts: [String: Texts]
  /// Whether new listeners are admitted. If not, `closed` says why, and `opensAt` when they will be (ISO 8601), if that
  /// is known.
  public var open: Bool
  /// Omitted if new listeners are admitted.
  public var closed: Closed?
  /// Omitted if it is not known, or if new listeners are admitted.
  public var opensAt: String?
  /// What the experimenter tells those who are turned away.
  public var message: String?
  /// Whether the study has something to tell people who decline to take part.
  public var declines: Bool?
  /// Whether listeners can return by the code shown on break pages.
  public var takesCodes: Bool?
  /// Whether only those are admitted whose link says who they are, by an id or an invitation.
  public var needsLink: Bool?
  /// How long a session is expected to take, rounded up, in the group for which it is longest.
  public var minutes: Int
  /// How many questions a listener is asked, in the group that is asked most.
  public var questions: Int
  /// How many trials of all kinds a listener has, in the group that has most.
  public var trials: Int
  /// In a preview: the number of the participant whose session is shown.
  public var preview: Int?

  /// `open` follows from `closed`.
  public init(
    title: String, languages: [String], texts: [String: Texts], closed: Closed? = nil, opensAt: String? = nil,
    message: String? = nil, declines: Bool? = nil, takesCodes: Bool? = nil, needsLink: Bool? = nil,
    minutes: Int, questions: Int, trials: Int, preview: Int? = nil
  ) {
    self.preview = preview
    self.closed = closed
    self.opensAt = opensAt
    self.message = message
    self.declines = declines
    self.takesCodes = takesCodes
    self.needsLink = needsLink
    self.title = title
    self.languages = languages
    self.texts = texts
    open = closed == nil
    self.minutes = minutes
    self.questions = questions
    self.trials = trials
  }
}

/// `GET /api/sessions/TOKEN`. `audio` and `query` refer to a sound by the URL of a parcel and, after `#`, its index
/// there.
public struct SessionView: Codable, Sendable {
  /// The state of a session.
  public enum State: String, Codable, Sendable, CaseIterable {
    case active, finished, ended
    case screenedOut = "screened_out"
  }

  /// What the pages need to know about the study.
  public struct Study: Codable, Sendable {
    /// The headphone check, as the pages run it.
    public struct Headphones: Codable, Sendable {
      /// One question of the check.
      public struct Round: Codable, Sendable {
        /// The task of a round that differs from the check's own.
        public enum Kind: String, Codable, Sendable {
          /// Which of three tones is on the left.
          case sides
        }

        /// From 1, counted over all attempts.
        public var index: Int
        /// The parcel of the round, and the sound in it: `/t/TOKEN/audio/headphones/1#0`.
        public var audio: String
        /// Omitted if the round has the check's own task.
        public var kind: Kind?

        public init(index: Int, audio: String, kind: Kind? = nil) {
          self.index = index
          self.audio = audio
          self.kind = kind
        }
      }

      /// Whether the study has the check. If not, `rounds` is empty.
      public var check: Bool
      /// `huggins`. Omitted for `antiphase`.
      public var kind: String?
      /// How many attempts a listener has. Omitted if only one.
      public var attempts: Int?
      /// How often the sounds of a round may be played. Omitted if there is no limit.
      public var maxPlays: Int?
      /// The rounds of all attempts, one after the other.
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

    /// The sound that plays while the listener sets the volume.
    public struct Volume: Codable, Sendable {
      /// The first sound of the first trial. Empty for a session that cannot continue.
      public var audio: String

      public init(audio: String) {
        self.audio = audio
      }
    }

    /// In the session's language.
    public var title: String
    /// BCP 47 code of the language that the listener chose at the beginning.
    public var language: String
    /// Replacements for the pages' built-in messages, by the messages' dotted names. Omitted if there are none.
    public var pages: [String: String]?
    /// Of a study without the check, and of a session that cannot continue: no check and no rounds.
    public var headphones: Headphones
    /// Every session has this step, whatever the study.
    public var volume: Volume
    /// Whether the study says something to those who stop before the end. Omitted if not.
    public var mayWithdraw: Bool?
    /// What happens to the answers of those who stop: `deleted` or `asked`. Omitted if they are kept.
    public var withdrawnAnswers: String?
    /// Omitted if there is none.
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

  /// Its words and settings, in the session's language.
  public var study: Study
  /// `ended`: withdrawn, or begun under another design of the study.
  public var state: State
  /// Of a session that cannot continue, every step is done.
  public var done: DoneView
  /// In the order in which they come. Empty for a session that cannot continue.
  public var trials: [TrialView]
  /// The blocks of the study, in its order. One that is not given to the listener's group says nothing about itself.
  public var blocks: [BlockView]
  /// The steps of the session, in order.
  public var parts: [PartView]
  /// Milliseconds since the session began. Pages count `at_ms` from here.
  public var elapsedMs: Int
  /// What is shown at the end. Null before, and if the study has nothing to say to those whom it screens out.
  @Explicit public var finish: FinishView?
  /// Like `StudyView.preview`.
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

/// A question in a questionnaire, in the session's language.
public struct QuestionView: Codable, Sendable {
  /// One of the offered answers.
  public struct Option: Codable, Sendable {
    /// What is stored, and sent as the answer.
    public var value: String
    /// What listeners read.
    public var text: String
    /// Whether the option can only be chosen alone. Omitted if not.
    public var exclusive: Bool?

    public init(value: String, text: String, exclusive: Bool? = nil) {
      self.value = value
      self.text = text
      self.exclusive = exclusive
    }
  }

  /// The key of its answer, and its column in participants.csv.
  public var id: String
  /// The raw value of a `StudyDefinition.Question.Kind`.
  public var kind: String
  /// Plain text.
  public var text: String
  /// Whether it must be answered, if it is asked.
  public var required: Bool
  /// The permitted range, both ends included. For a number: its value; for a text: its length in characters; for
  /// `choices`: how many are chosen; for a scale: its first and last point.
  public var min: Double?
  /// Like `min`: the upper end.
  public var max: Double?
  /// The permitted range of a date, as `2024-12-31`.
  public var earliest: String?
  /// Like `earliest`: the last day.
  public var latest: String?
  /// The words at the ends of a scale.
  public var low: String?
  /// Like `low`: the words at the last point.
  public var high: String?
  /// The question is asked only if all of these hold. Omitted if it is always asked.
  public var shownIf: [StudyDefinition.Question.Condition]?
  /// In the order shown. Empty except for `choice` and `choices`.
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

/// A step, which is answered once.
public struct StepView: Codable, Sendable {
  /// The raw value of a `Step.Kind`.
  public var step: String
  /// Distinguishes steps of one kind, as `Step.number` explains: a trial's index, a block's position, an earlier attempt.
  public var number: Int

  public init(step: String, number: Int) {
    self.step = step
    self.number = number
  }
}

/// A run of trials of one type.
public struct BlockView: Codable, Sendable {
  /// The block's rating scale.
  public struct Scale: Codable, Sendable {
    /// The raw value of a `StudyDefinition.Scale.Kind`: `slider` or `likert`.
    public var kind: String
    /// The number at the low end.
    public var min: Int
    /// The number at the high end.
    public var max: Int
    /// The words at the low end, such as `not at all alike`.
    public var low: String
    /// The words at the high end, such as `the same sound`.
    public var high: String
    /// Whether a slider shows its number. A likert scale always has its numbers.
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

  /// Its name in study.yaml; the name of its trial type if the study has no blocks.
  public var name: String
  /// May contain `{condition}`.
  public var question: String
  /// `similarity` and `pairwise` rate on it; the types with grades have their own range and words.
  public var scale: Scale
  /// Whether the sounds of a page are versions of the same material, so that listeners can switch between them during
  /// playback. Omitted if not.
  public var isAligned: Bool?
  /// Whether its sounds are a set, judged one by one or compared with one another. Omitted if not.
  public var isSet: Bool?
  /// Whether each version is played from its start, instead of going on where another was. Omitted if not.
  public var fromStart: Bool?
  /// For `acr` and `dcr`: the scales on which a sound is rated. Omitted if there is one scale, with the page's own
  /// words.
  public var scales: [Words]?

  /// A verbal scale.
  public struct Words: Codable, Sendable {
    /// The value of the column `scale` in the tables.
    public var name: String
    /// Empty if it has none.
    public var question: String
    /// From best to worst. Empty for the page's own words.
    public var labels: [String]

    public init(name: String, question: String, labels: [String]) {
      self.name = name
      self.question = question
      self.labels = labels
    }
  }

  /// For `ab`: whether "no difference" is a permitted answer. Omitted if not.
  public var allowsNeither: Bool?
  /// How often a sound may be played. Omitted if there is no limit.
  public var maxPlays: Int?
  /// Whether practice trials show the right answer. Omitted if not.
  public var givesFeedback: Bool?
  /// Whether each page has a field for comments. Omitted if not.
  public var takesComments: Bool?
  /// Whether a sound can be judged only while it plays. Omitted if not.
  public var whilePlaying: Bool?
  /// How long a sound must be heard before it can be judged, in milliseconds. Omitted if starting it is enough.
  public var mustHearMs: Int?
  /// The share of a sound that must be heard, from 0 to 1. Omitted if none is required.
  public var mustHearShare: Double?
  /// How much of the loop is played before a sample, in milliseconds. Omitted if all of it is.
  public var compareMs: Int?

  public init(
    name: String, question: String, scale: Scale, isAligned: Bool? = nil, isSet: Bool? = nil, fromStart: Bool? = nil,
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
    self.fromStart = fromStart
    self.allowsNeither = allowsNeither
    self.name = name
    self.question = question
    self.scale = scale
  }
}

/// One step of the session.
public struct PartView: Codable, Sendable {
  /// The raw value of a `Step.Kind`.
  public var step: String
  /// Distinguishes steps of one kind, as `Step.number` explains: a trial's index, a block's position, an earlier attempt.
  public var number: Int
  /// For instructions and breaks: their text.
  public var html: String?
  /// For a questionnaire: its questions.
  public var questions: [QuestionView]?
  /// For a break: how long it must stay open, in seconds. Omitted if there is no minimum.
  public var leastS: Double?
  /// For a break: a code that opens the session on another device, to be typed on the first page.
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

/// A page that asks for an answer. It has the same shape whatever the purpose of the trial.
public struct TrialView: Codable, Sendable {
  /// A sound at its position, and where to get it.
  public struct Candidate: Codable, Sendable {
    /// A letter: A, B, … Z, AA, …
    public var position: String
    /// As in `SessionView`: the trial's parcel, and the sound in it.
    public var audio: String

    public init(position: String, audio: String) {
      self.position = position
      self.audio = audio
    }
  }

  /// Its place in the session, from 1. It identifies the trial in URLs, answers and tables.
  public var index: Int
  /// The name of its trial type.
  public var kind: String
  /// The index of its block in `blocks`, from 0.
  public var block: Int
  /// A practice trial, which is not analysed.
  public var training: Bool
  /// The condition's name in the tables. Empty if the item has none.
  public var condition: String
  /// What listeners read for it. The name itself if the study has no words for it.
  public var conditionText: String
  /// The sound beside the candidates. Null for an item that has none.
  @Explicit public var query: String?
  /// In the order of their positions: A first.
  public var candidates: [Candidate]
  /// How long the trial is expected to take.
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

/// What was already answered, or need not be asked. Trials by their index.
public struct DoneView: Codable, Sendable {
  /// The questionnaire before the blocks.
  public var questionnaire: Bool
  /// The volume step.
  public var volume: Bool
  /// The first attempt at the headphone check.
  public var headphones: Bool
  /// The instructions before the blocks.
  public var instructions: Bool
  /// In ascending order.
  public var trials: [Int]
  /// Further steps: those of blocks, further attempts at the headphone check, and what comes after all blocks.
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

/// What is shown at the end. `text` is HTML.
public struct FinishView: Codable, Sendable {
  /// Empty if the study says nothing.
  public var text: String
  /// Where a link leads, with its placeholders filled in. Null if the study sends nobody on, and in a preview.
  @Explicit public var redirect: String?
  /// A code to copy. Omitted if there is none.
  public var code: String?
  /// For those who leave before the last step: why. `text` is empty if the study does not say anything about this
  /// outcome.
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
  /// Always true: what is not saved is refused.
  public var saved: Bool
  /// For the headphone check only: whether it was passed.
  public var passed: Bool?
  /// For practice pages with a right answer, if the block gives feedback: whether the answer was right.
  public var right: Bool?
  /// What is done now, including this answer.
  public var done: DoneView
  /// Like `SessionView.finish`. It comes with the answer that leaves no step open.
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

/// The answer that only says that something was saved.
public struct KeptView: Codable, Sendable {
  /// Always true: what is not saved is refused.
  public var saved: Bool

  public init(saved: Bool = true) {
    self.saved = saved
  }
}

/// The answer to `GET /healthz` and `/readyz`
public struct HealthView: Codable, Sendable {
  /// Always `ok`: a server that is not ready refuses the request.
  public var status: String

  public init(status: String = "ok") {
    self.status = status
  }
}

/// A value that is written as `null` if it is missing, instead of being omitted.
@propertyWrapper
public struct Explicit<Value: Codable & Sendable>: Codable, Sendable {
  /// Nil is written as `null`.
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

/// Who is signed in to the lab.
public struct SignedInView: Codable, Sendable {
  /// Empty for anyone who has the study's secret.
  public var name: String
  /// `owner` or `reader`.
  public var role: String

  public init(name: String, role: String) {
    self.name = name
    self.role = role
  }
}
