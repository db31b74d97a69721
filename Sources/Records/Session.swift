import Foundation
import GRDB

/// One sitting of a listener.
public struct Session: Sendable, Equatable {
  public var id: Int
  /// The listener's number, from 1: with the study version and the seed it gives the plan.
  public var participant: Int
  public var studyVersion: String
  public var seed: UInt64
  public var language: String
  public var externalID: String?

  init(row: Row) {
    id = row["id"]
    participant = row["participant"]
    studyVersion = row["study_version"]
    // SQLite's integers are signed: the seed is stored as the same 64 bits.
    seed = UInt64(bitPattern: row["seed"] as Int64)
    language = row["language"]
    externalID = row["external_id"]
  }

  static let select = """
    SELECT session.id, participant, study_version, seed, language, external_id
    FROM session JOIN participant ON participant.number = session.participant
    """
}

/// One who wants to take part.
public struct Newcomer: Sendable {
  /// SHA-256 of the idempotency key: asking again with the same key gives the same session.
  public var keyHash: String
  /// SHA-256 of the token that opens the session from now on. The token itself is not stored.
  public var tokenHash: String
  public var studyVersion: String
  public var seed: UInt64
  public var language: String
  public var recruitedFrom: String?
  public var externalID: String?
  public var userAgentFamily: String

  public init(
    keyHash: String, tokenHash: String, studyVersion: String, seed: UInt64, language: String,
    recruitedFrom: String? = nil, externalID: String? = nil, userAgentFamily: String = ""
  ) {
    self.keyHash = keyHash
    self.tokenHash = tokenHash
    self.studyVersion = studyVersion
    self.seed = seed
    self.language = language
    self.recruitedFrom = recruitedFrom
    self.externalID = externalID
    self.userAgentFamily = userAgentFamily
  }
}

/// How far a session is.
public struct Standing: Sendable, Equatable {
  /// Answered steps, in the order of their saving, and behind them those that were passed over since their answer was
  /// refused.
  public var done: [Step]
  public var isFinished: Bool
  /// nil where the check was not made.
  public var headphonesPassed: Bool?
}
