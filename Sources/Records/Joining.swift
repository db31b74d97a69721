import Basics
import Foundation
import Study

extension Records {
  /// Lets a newcomer in.
  ///
  /// For a known key, the session that it opened is returned. Somebody whose identity has an unfinished session continues
  /// that session, under this newcomer's token as well as those that already open it. Everybody else gets the next
  /// participant number and a new session.
  /// - Parameters:
  ///   - repeats: whether somebody who has finished may take part again.
  ///   - isOpen: whether newcomers are let in at this time.
  ///   - places: how many there are for sessions of the newcomer's design.
  ///   - then: the session, and whether it began now; or a `RecordsError`: `alreadyFinished` or `withdrawn`, or, for a
  ///     newcomer, `closed` if newcomers are turned away, and `taken` or `full` if there is no place.
  public func join(
    _ newcomer: Newcomer, repeats: Bool = false, isOpen: Bool = true, places: Places? = nil,
    then: @escaping @Sendable (Result<(session: Session, isNew: Bool), any Error>) -> Void
  ) {
    let now = now
    let at = Records.time(now())
    writer.submit(
      { batch in
        batch.readsMuch()
        // One after the other at the door: places and people are counted before the next is let in, on all servers.
        _ = try batch.rows(
          "SELECT version FROM study_version WHERE version = ?1\(batch.dialect.lock)", newcomer.studyVersion)
        if let known = try Records.session(batch, keyHash: newcomer.keyHash) { return (known, false) }
        if let begun = try Records.unfinished(batch, newcomer, repeats: repeats) {
          batch.add([newcomer.keyHash, newcomer.tokenHash, begun.id, at], to: .furtherBrowser)
          return (begun, false)
        }
        guard isOpen, try !Records.isPaused(batch) else { throw RecordsError.closed }
        if let places {
          let standing = try places.standing(batch, version: newcomer.studyVersion, now: now())
          if let why = standing.closed { throw why == .full ? RecordsError.full : .taken }
        }
        let since = Records.time(now().addingTimeInterval(-(places?.lease ?? Records.patience)))
        let seat = try Records.seat(batch, newcomer, heardSince: since, refills: places != nil)
        try Records.begin(batch, newcomer, seat, at: at)
        guard let begun = try Records.session(batch, keyHash: newcomer.keyHash) else {
          throw RecordsError.unavailable(Outage("the new session is not there"))
        }
        return (begun, true)
      }, then: then)
  }

  /// Lets one more token open a session.
  /// - Parameter then: `RecordsError`: `gone` where there is no such session.
  public func reopen(
    session id: Int, keyHash: String, tokenHash: String, then: @escaping @Sendable (Result<Void, any Error>) -> Void
  ) {
    let at = Records.time(now())
    writer.submit(
      needing: .init(session: id),
      { batch in
        _ = try batch.session(id)
        if let known = try Records.session(batch, keyHash: keyHash) {
          guard known.id == id else { throw RecordsError.gone }
          return
        }
        batch.add([keyHash, tokenHash, id, at], to: .furtherBrowser)
      }, then: then)
  }

  private static func session(_ db: any Snapshot, keyHash: String) throws -> Session? {
    try Session.fetch(db, where: "key_hash = ?1", keyHash)
      ?? Session.fetch(db, where: "session.id = (SELECT session FROM further_browser WHERE key_hash = ?1)", keyHash)
  }

  /// The session that a known person continues: the latest of the present design, unless the person has finished one after
  /// it. A session that began under another design cannot continue.
  private static func unfinished(_ db: any Snapshot, _ newcomer: Newcomer, repeats: Bool) throws -> Session? {
    guard let identity = newcomer.identity else { return nil }
    let over = try db.row(
      """
      SELECT session.id, finished_at FROM session JOIN participant ON participant.number = session.participant
      WHERE identity = ?1 AND (finished_at IS NOT NULL OR outcome = 'withdrawn') ORDER BY session.id DESC LIMIT 1
      """, identity)
    let last: Int? = try over?["id"]
    let begun = try Session.fetch(
      db,
      where: """
        identity = ?1 AND finished_at IS NULL AND outcome IS DISTINCT FROM 'withdrawn' AND session.id > ?3
        AND study_version IN (\(alike("?2")))
        ORDER BY session.id DESC LIMIT 1
        """, identity, newcomer.studyVersion, last ?? 0)
    if begun == nil, let over, !repeats {
      let finishedAt: String? = try over["finished_at"]
      throw finishedAt == nil ? RecordsError.withdrawn : .alreadyFinished
    }
    return begun
  }

  /// How long, in seconds, somebody who is inactive still counts as taking part.
  private static let patience = 3600.0

  /// A group, and a listener's number in it.
  private struct Seat {
    var group: String?
    var place: Int?
  }

  /// The group with the fewest listeners who have passed or are taking part, among those open to a newcomer; the first if
  /// there are several. Listeners are numbered within a group, so its plans are as balanced as those of a whole study.
  ///
  /// If the study states how many listeners it wants, the plan of a drop-out is given to the next newcomer. So the plans of
  /// those who pass are consecutive, whoever dropped out in between.
  /// - Parameter refills: whether the study states that number.
  /// - Throws: `RecordsError.full` where all are full.
  private static func seat(
    _ db: any Snapshot, _ newcomer: Newcomer, heardSince: String, refills: Bool
  ) throws -> Seat {
    guard !newcomer.groups.isEmpty else {
      return refills ? Seat(place: try place(db, newcomer, group: nil, heardSince: heardSince)) : Seat()
    }
    var best: (seat: Seat, counted: Int, all: Int)?
    for group in newcomer.groups {
      let (last, all, counted) = try counts(
        db, ofGroup: group, version: newcomer.studyVersion, heardSince: heardSince)
      if let most = newcomer.perGroup, counted >= most { continue }
      if let best, (best.counted, best.all) <= (counted, all) { continue }
      best = (Seat(group: group, place: last + 1), counted, all)
    }
    guard var seat = best?.seat else { throw RecordsError.full }
    if refills || newcomer.perGroup != nil {
      seat.place = try place(db, newcomer, group: seat.group, heardSince: heardSince)
    }
    return seat
  }

  /// The last place that was given in a group, how many listeners have begun in it, and how many of them keep their place.
  private static func counts(
    _ db: any Snapshot, ofGroup group: String, version: String, heardSince: String
  ) throws -> (last: Int, all: Int, counted: Int) {
    let row = try db.row(
      """
      SELECT coalesce(max(place), 0) AS last, count(*) AS n,
        count(CASE WHEN \(Places.hasPassed) OR \(Places.isTakingPart(db, since: "?1")) THEN 1 END) AS counted
      FROM participant JOIN session ON session.participant = participant.number
      WHERE study_version = ?2 AND listener_group = ?3
      """, heardSince, version, group)
    return try (row?["last"] ?? 0, row?["n"] ?? 0, row?["counted"] ?? 0)
  }

  /// Whether each of these groups has as many listeners as it may have.
  /// - Parameter lease: how long, in seconds, somebody who is inactive counts; nil: as if no number is wanted.
  public func areFull(_ groups: [String], perGroup: Int?, version: String, lease: Double? = nil) throws -> Bool {
    guard let perGroup, !groups.isEmpty else { return false }
    let since = Records.time(now().addingTimeInterval(-(lease ?? Records.patience)))
    return try read { db in
      try groups.allSatisfy {
        try Records.counts(db, ofGroup: $0, version: version, heardSince: since).counted >= perGroup
      }
    }
  }

  /// The lowest free place.
  private static func place(_ db: any Snapshot, _ newcomer: Newcomer, group: String?, heardSince: String) throws -> Int
  {
    func places(_ condition: String) -> String {
      """
      SELECT coalesce(place, participant.number) AS held FROM session CROSS JOIN participant
      WHERE participant.number = session.participant AND \(condition)
        AND study_version = ?2 AND listener_group IS NOT DISTINCT FROM ?3
      """
    }
    let held: [Int] = try db.column(
      "\(places(Places.hasPassed)) UNION \(places(Places.isTakingPart(db, since: "?1"))) ORDER BY held",
      heardSince, newcomer.studyVersion, group)
    var lowest = 1
    for place in held where place == lowest { lowest += 1 }
    return lowest
  }

  private static func begin(_ batch: Batch, _ newcomer: Newcomer, _ seat: Seat, at: String) throws {
    let number = try batch.number(of: .participant)
    var notes = newcomer.linkNotes
    let alike = newcomer.externalID.map { Name.alike($0) }
    if let external = newcomer.externalID, let identity = newcomer.identity,
      let other = try batch.row(
        """
        SELECT number, external_id FROM participant
        WHERE alike = ?1 AND identity <> ?2 AND external_id <> ?3 ORDER BY number LIMIT 1
        """, alike, identity, external)
    {
      let difference = Name.difference(external, try other["external_id"])
      let known: Int = try other["number"]
      notes.append("external_id differs from that of participant \(known) only in \(difference)")
    }
    let isFurther =
      try newcomer.identity.map {
        try batch.row(
          "SELECT 1 AS one FROM session JOIN participant ON participant.number = session.participant WHERE identity = ?1",
          $0) != nil
      } ?? false
    batch.add(
      [
        number, newcomer.studyVersion, Int64(bitPattern: newcomer.seed), newcomer.recruitedFrom, newcomer.externalID,
        newcomer.identity, notes.isEmpty ? String?.none : notes.joined(separator: "; "), seat.group, seat.place, alike,
      ], to: .participant)
    for (name, value) in newcomer.link.sorted(by: { $0.key < $1.key }) {
      batch.add([number, name, value], to: .linkValue)
    }
    let none = String?.none
    batch.add(
      [
        try batch.number(of: .session), number, newcomer.keyHash, newcomer.tokenHash, newcomer.language,
        newcomer.userAgentFamily, at, at, none, Bool?.none, newcomer.textsVersion, none, none, none, 0, 0, 0, none,
      ], to: .session)
    batch.count {
      $0.add(.joined, 1)
      $0.add(.untouched, 1)
      $0.add(.further, if: isFurther)
      $0.add(.spoilt, if: !notes.isEmpty)
    }
  }
}
