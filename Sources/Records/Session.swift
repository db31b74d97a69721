import Basics
import Foundation
import Study

/// One sitting of a listener.
public struct Session: Sendable, Equatable {
  /// The session's number. A later session has a higher one.
  public var id: Int
  /// The listener's number, from 1.
  public var participant: Int
  /// The version under which the session began.
  public var studyVersion: String
  /// With the version, the group and the place, it determines the plan.
  public var seed: UInt64
  /// The listener's group, if the study has groups.
  public var group: String?
  /// Which plan of the group (or of the study, if it has no groups) the session has, from 1.
  public var place: Int
  /// BCP 47 code of the language that the listener chose at the beginning.
  public var language: String
  /// The listener's name in another system, according to the link; nil if it does not say.
  public var externalID: String?
  /// What else its link said, by column of participants.csv.
  public var link: [String: String]

  /// The session of which `condition` is true, if there is one.
  static func fetch(
    _ db: any Snapshot, where condition: String, _ values: any Storable...
  ) throws -> Session? {
    let rows = try db.rows(
      """
      SELECT session.id, participant, study_version, seed, language, external_id, listener_group, place
      FROM session JOIN participant ON participant.number = session.participant WHERE \(condition)
      """, values.map(\.stored))
    guard let row = rows.first else { return nil }
    let participant: Int = try row["participant"]
    let link = try db.rows("SELECT name, value FROM link_value WHERE participant = ?1", participant).map {
      try ($0["name"] as String, $0["value"] as String)
    }
    return try Session(row, link: Dictionary(link, uniquingKeysWith: { first, _ in first }))
  }

  private init(_ row: StoredRow, link: [String: String]) throws {
    self.link = link
    id = try row["id"]
    participant = try row["participant"]
    studyVersion = try row["study_version"]
    // Databases have signed integers: the seed is stored as the same 64 bits.
    seed = UInt64(bitPattern: try row["seed"])
    group = try row["listener_group"]
    place = try row["place"] ?? participant
    language = try row["language"]
    externalID = try row["external_id"]
  }
}

/// Somebody who wants to take part.
public struct Newcomer: Sendable {
  /// SHA-256 of the idempotency key: a second request with the same key gets the same session.
  public var keyHash: String
  /// SHA-256 of the token that opens the session from now on. The token itself is not stored.
  public var tokenHash: String
  /// The version under which the session begins, which `register` has made known.
  public var studyVersion: String
  /// The version of all texts and sounds that the session begins with.
  public var textsVersion: String
  /// The seed of the study's plans.
  public var seed: UInt64
  /// BCP 47 code of the language that the newcomer chose.
  public var language: String
  /// Where the newcomer comes from, according to the link, such as `prolific`; nil if it does not say.
  public var recruitedFrom: String?
  /// The newcomer's name in another system, according to the link; nil if it does not say.
  public var externalID: String?
  /// Who it is: `identity(of:)` of the external id. Two newcomers with one identity are the same person.
  public var identity: String?
  /// What else the link said, by column of participants.csv.
  public var link: [String: String]
  /// What was wrong with the link, for the experimenter.
  public var linkNotes: [String]
  /// The groups that are open to the newcomer; none if the study has no groups.
  public var groups: [String]
  /// How many listeners each group takes; nil for any number.
  public var perGroup: Int?
  /// Such as `firefox`; `simulation` for simulated listeners, empty if the browser does not say.
  public var userAgentFamily: String

  /// By default, the texts are those of `studyVersion`, and the identity is that of the external id.
  public init(
    keyHash: String, tokenHash: String, studyVersion: String, textsVersion: String? = nil, seed: UInt64,
    language: String, recruitedFrom: String? = nil, externalID: String? = nil, identity: String? = nil,
    link: [String: String] = [:], linkNotes: [String] = [], groups: [String] = [], perGroup: Int? = nil,
    userAgentFamily: String = ""
  ) {
    self.keyHash = keyHash
    self.tokenHash = tokenHash
    self.studyVersion = studyVersion
    self.textsVersion = textsVersion ?? studyVersion
    self.seed = seed
    self.language = language
    self.recruitedFrom = recruitedFrom
    self.externalID = externalID
    self.identity = identity ?? externalID.flatMap(Newcomer.identity)
    self.link = link
    self.linkNotes = linkNotes
    self.groups = groups
    self.perGroup = perGroup
    self.userAgentFamily = userAgentFamily
  }

  /// SHA-256 of an external id, read as a name: ids that differ only in what cannot be seen (surrounding blanks, characters
  /// of no width, the composition of letters) belong to one person; ids that differ in capitals are two people. nil if
  /// nothing of it can be seen.
  public static func identity(of externalID: String) -> String? {
    let name = Name.read(externalID)
    return name.isEmpty ? nil : ContentHash.of(name)
  }
}

/// How far a session is.
public struct Standing: Sendable, Equatable {
  /// Answered steps, in the order in which they were saved, followed by those that were skipped because their answer was
  /// refused.
  public var done: [Step]
  /// Whether its last open step was answered, or skipped, once. Later answers to skipped steps do not change it.
  public var isFinished: Bool
  /// nil if the check was not made.
  public var headphonesPassed: Bool?
  /// How it ended before its last step; nil if it did not.
  public var outcome: Outcome?

  /// Whether nothing is left to do at a step: it is done, or it is a further attempt at a check that was passed.
  public func isBehind(_ step: Step) -> Bool {
    done.contains(step) || step.kind == .headphones && headphonesPassed == true
  }
}
