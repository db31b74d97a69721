import Basics
import Study
import Trials

/// `POST /api/sessions`
public struct JoinBody: Codable, Sendable {
  /// An idempotency key: a UUID that the browser made.
  public var key: String
  public var language: String
  public var consent: Bool
  /// Where the listener comes from and who it is elsewhere, as a program says it that joins by itself.
  public var recruitedFrom: String?
  public var externalId: String?
  /// The link's parameters in their order, name and value, as the page found them. More than these two in one are left.
  public var parameters: [[String]]?

  private enum CodingKeys: String, CodingKey {
    case key, language, consent, parameters
    case recruitedFrom = "recruited_from"
    case externalId = "external_id"
  }

  public init(
    key: String, language: String, consent: Bool = true, recruitedFrom: String? = nil, externalId: String? = nil,
    parameters: [[String]]? = nil
  ) {
    self.key = key
    self.language = language
    self.consent = consent
    self.recruitedFrom = recruitedFrom
    self.externalId = externalId
    self.parameters = parameters
  }
}

/// `POST /api/return`
public struct ReturnBody: Codable, Sendable {
  /// As of `JoinBody`.
  public var key: String
  /// What a break has shown; blanks, hyphens and small letters do not matter.
  public var code: String

  public init(key: String, code: String) {
    self.key = key
    self.code = code
  }
}

/// `POST /api/leave`: of one who has no session. Nothing of it is kept.
public struct LeaveBody: Codable, Sendable {
  /// `no_consent` or `quota_full`.
  public var outcome: Outcome
  public var language: String
  /// As of `JoinBody`: what is filled into the address that the study leads to.
  public var parameters: [[String]]?

  public init(outcome: Outcome, language: String, parameters: [[String]]? = nil) {
    self.outcome = outcome
    self.language = language
    self.parameters = parameters
  }
}

/// `POST /api/sessions/TOKEN/withdraw`
public struct WithdrawBody: Codable, Sendable {
  /// Of a study that asks: whether all that was answered is to be deleted.
  public var delete: Bool?

  public init(delete: Bool? = nil) { self.delete = delete }
}

/// `POST /api/sessions/TOKEN/responses`. Of a trial, what its type asks for stands beside these: `TrialType.Answer`.
public struct ResponseBody: Codable, Sendable {
  public var key: String
  /// A `Step.Kind`; of a trial with its index.
  public var step: String
  public var trial: Int?
  /// Of what belongs to a block, the block's place in the study, from 1.
  public var number: Int?
  public var responseMs: Measured?
  public var answers: Answers?
  /// Of a trial, where its block has room for a remark.
  public var comment: String?
  /// Of the volume: what plays the sounds.
  public var device: PlayingDevice?

  private enum CodingKeys: String, CodingKey {
    case key, step, trial, number, answers, comment, device
    case responseMs = "response_ms"
  }

  public init(
    key: String, step: Step, responseMs: Measured? = nil, answers: Answers? = nil, comment: String? = nil
  ) {
    self.comment = comment
    self.key = key
    self.step = step.kind.rawValue
    trial = step.kind == .trial ? step.number : nil
    number = step.kind == .trial ? nil : step.number
    self.responseMs = responseMs
    self.answers = answers
  }

  /// Of a questionnaire an object, of the headphone check a list.
  public enum Answers: Codable, Sendable {
    case byQuestion([String: Value])
    case byRound([Int])

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let list = try? container.decode([Int].self) {
        self = .byRound(list)
      } else {
        self = .byQuestion(try container.decode([String: Value].self))
      }
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .byQuestion(let answers): try container.encode(answers)
      case .byRound(let answers): try container.encode(answers)
      }
    }
  }

  /// An answer to a question.
  public enum Value: Codable, Sendable {
    case text(String)
    case number(Double)
    case list([String])
    case missing

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .missing
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else {
        self = .list(try container.decode([String].self))
      }
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .number(let number): try container.encode(number)
      case .list(let values): try container.encode(values)
      case .missing: try container.encodeNil()
      }
    }
  }
}

/// An answered trial: the response, and what its type asks for, in one object.
public struct TrialAnswerBody<Answer: Codable & Sendable>: Codable, Sendable {
  public var response: ResponseBody
  public var answer: Answer

  public init(_ response: ResponseBody, _ answer: Answer) {
    self.response = response
    self.answer = answer
  }

  public init(from decoder: any Decoder) throws {
    response = try ResponseBody(from: decoder)
    answer = try Answer(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try response.encode(to: encoder)
    try answer.encode(to: encoder)
  }
}

/// `POST /api/sessions/TOKEN/events`: what happened on the page, with the positions that the page knows.
public struct EventsBody: Codable, Sendable {
  /// What can happen.
  public enum Kind: String, Sendable, CaseIterable {
    /// `output`: the device's sound outputs have changed, as when headphones are pulled out.
    case play, stop, rate, focus, blur, visible, hidden, reconnect, output, error
  }

  /// What plays in a trial beside its candidates, and outside trials.
  public enum Sound: String, Sendable { case query, volume, headphones }

  /// One thing that happened on a page.
  public struct Item: Codable, Sendable {
    /// Since the session began.
    public var atMs: Measured
    public var kind: String
    public var trial: Int?
    public var stimulus: String?
    public var value: Value?

    private enum CodingKeys: String, CodingKey {
      case kind, trial, stimulus, value
      case atMs = "at_ms"
    }

    public init(atMs: Measured, kind: Kind, trial: Int? = nil, stimulus: String? = nil, value: Value? = nil) {
      self.atMs = atMs
      self.kind = kind.rawValue
      self.trial = trial
      self.stimulus = stimulus
      self.value = value
    }
  }

  /// A text, a number or a flag; kept as text.
  public enum Value: Codable, Sendable {
    case text(String)

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if let flag = try? container.decode(Bool.self) {
        self = .text(flag.cellText)
      } else {
        self = .text(try container.decode(Double.self).cellText)
      }
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if case .text(let text) = self { try container.encode(text) }
    }
  }

  /// In one request.
  public static let most = 500

  public var key: String
  public var events: [Item]

  public init(key: String, events: [Item]) {
    self.key = key
    self.events = events
  }
}

/// `POST /api/sessions/TOKEN/refused`: what was refused, told by the browser that sent it.
public struct RefusedBody: Codable, Sendable {
  /// The key of what was refused.
  public var key: String
  /// The step and trial that it answers; no step where it was events.
  public var step: String?
  public var trial: Int?
  public var number: Int?
  public var status: Int?
  public var code: String?
  /// What was sent, as text.
  public var body: String

  /// More than a page of answers needs, with questions answered at length.
  public static let longestBody = 100_000
}

/// `POST /lab/api/exclude`
public struct ExclusionBody: Codable, Sendable {
  public var session: Int
  /// Whether it is left out of analyses from now on, or taken in again.
  public var excluded: Bool
  /// One line; must be there where it is left out.
  public var reason: String

  public init(session: Int, excluded: Bool, reason: String) {
    self.session = session
    self.excluded = excluded
    self.reason = reason
  }
}

/// `POST /lab/api/pause`, and its answer.
public struct Pause: Codable, Sendable {
  /// Whether newcomers are turned away.
  public var paused: Bool

  public init(paused: Bool) { self.paused = paused }
}

/// `POST /lab`: the study's secret, or a name and a password.
public struct SignInBody: Codable, Sendable {
  public var secret: String?
  public var name: String?
  public var password: String?

  public init(secret: String? = nil, name: String? = nil, password: String? = nil) {
    self.secret = secret
    self.name = name
    self.password = password
  }
}

/// `POST /sign-out`
public struct SignOutBody: Codable, Sendable {
  public init() {}
}

/// `POST /lab/api/purge`
public struct PurgeBody: Codable, Sendable {
  public var session: Int
  /// The participant's number, as whoever deletes it has typed it.
  public var participant: Int

  public init(session: Int, participant: Int) {
    self.session = session
    self.participant = participant
  }
}

/// `POST /lab/api/message`
public struct MessageBody: Codable, Sendable {
  /// Plain text of at most 500 characters; nothing is told where it is empty.
  public var message: String

  public init(message: String) { self.message = message }
}

/// `POST /lab/api/report`
public struct MakeReportBody: Codable, Sendable {
  public init() {}
}
