import Basics
import Foundation
import HTTP
import Stimuli
import Study

/// The sounds of a session as its browser gets them: one parcel per trial, with the loop and all candidates, and one parcel
/// per round of the headphone check.
///
/// The parcels of all trials of a study have the same size, that of the largest, whatever they are for and whoever gets
/// them. Each is encrypted under a key of its session and trial, so no two share bytes that would reveal a sound that is
/// heard twice. The same address always gives the same bytes, so a browser can resume an interrupted download. Every parcel
/// is made by the same steps over the same number of bytes.
struct Parcels: Sendable {
  private let stage: Stage
  private let doorkeeper: Doorkeeper
  private let check: HeadphoneCheck
  private let trialSize: Int
  /// The clock.
  private let now: @Sendable () -> Date

  init(stage: Stage, doorkeeper: Doorkeeper, check: HeadphoneCheck, now: @escaping @Sendable () -> Date) {
    self.stage = stage
    self.now = now
    self.doorkeeper = doorkeeper
    self.check = check
    trialSize = Self.size(stage)
  }

  /// The size of each trial's parcel, in bytes: as much as the largest page needs.
  static func size(_ stage: Stage) -> Int {
    stage.design.pages.lazy.map { page in
      let names = (page.sound.map { [$0] } ?? []) + page.candidates
      return Parcel.size(holding: names.map { stage.sound($0)?.item.size ?? 0 })
    }.max() ?? 0
  }

  /// - Throws: `Refusal.notFound` if the study has no such sound, `Refusal.busy` if its file cannot be read now.
  func trial(_ trial: Trial, _ sitting: Sitting, _ request: Request) throws -> Response {
    let sounds = trial.sounds.compactMap(stage.sound)
    guard sounds.count == trial.sounds.count else { throw Refusal.notFound }
    if let depot = stage.depot, let copy = sitting.copies[trial.index] {
      do { return .redirect(to: try depot.address(of: copy, sounds.map(\.item), at: now())) } catch is Problem {
        throw Refusal.busy
      }
    }
    return try response(sounds, "\(trial.index)", size: trialSize, sitting, request)
  }

  /// - Parameter round: from 1.
  func headphones(_ round: Int, _ sitting: Sitting, _ request: Request) throws -> Response {
    let size = Parcel.size(holding: [check.largest])
    return try response([check.sound(sitting, round: round)], "headphones \(round)", size: size, sitting, request)
  }

  private func response(
    _ sounds: [Stage.Sound], _ place: String, size: Int, _ sitting: Sitting, _ request: Request
  ) throws -> Response {
    // Over session, place and content: the same sounds have another key and another tag at every place.
    let what = "\(sitting.token) \(place) \(sounds.map(\.hash).joined(separator: " "))"
    return try .made(
      size: size, for: request, type: "application/octet-stream",
      etag: Secret.urlText(doorkeeper.code("parcel's tag \(what)").prefix(18)),
      cache: "private, max-age=31536000, immutable", isLasting: true
    ) { range in
      do {
        return try Parcel(key: doorkeeper.code("parcel's key \(what)"), items: sounds.map(\.item), size: size).bytes(
          range)
      } catch is Problem {
        // They were there when the server started: descriptors ran out, or the disk does.
        throw Refusal.busy
      }
    }
  }
}
