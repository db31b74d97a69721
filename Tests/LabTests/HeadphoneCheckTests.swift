import Foundation
import Sound
import Stimuli
import Study
import TestSupport
import Testing

/// The sounds of the headphone check's rounds match their definitions.
@Suite("Headphone check")
struct HeadphoneCheckTests {
  private static let rate = 16_000

  /// The check's six files, as a server makes them.
  private func clips(_ kind: StudyDefinition.Headphones.Kind) throws -> [Clip] {
    let study = try SmallStudy {
      $0.headphones.kind = kind
      $0.sounds.queryLoudness = -27
    }
    return try (0..<6).map { try AudioFile.read(study.folder.url.appending(path: "data/headphones/\($0).flac")) }
  }

  /// One second of an interval without its 100 ms ramps, in both channels.
  private func middle(_ clip: Clip, _ interval: Int) -> [[Float]] {
    let first = interval * Self.rate * 3 / 2 + Self.rate / 10
    return clip.channels.map { Array($0[first..<first + Self.rate * 8 / 10]) }
  }

  /// A channel's Fourier component at a frequency, as a complex amplitude.
  private func component(_ samples: [Float], _ hertz: Double) -> (re: Double, im: Double) {
    fourierComponent(samples, hertz / Double(Self.rate))
  }

  @Test("one of three noises has a band of 600 Hz ± 6 % in opposite phase; elsewhere both ears get the same")
  func huggins() throws {
    var pitched: [Int] = []
    for clip in try clips(.huggins) {
      #expect(clip.sampleRate == Self.rate && clip.frameCount == 4 * Self.rate)
      let loudness = try Loudness.measure(clip)
      #expect(abs(loudness.integrated + 27) < 0.2 && loudness.truePeak < -1)
      var found: [Int] = []
      for interval in 0..<3 {
        let ears = middle(clip, interval)
        /// The interaural phase at a frequency, in degrees, weighted by amplitude over a band of 8 Hz.
        func phase(_ hertz: Double) -> Double {
          var (re, im) = (0.0, 0.0)
          for step in -3...3 {
            let (l, r) = (
              component(ears[0], hertz + Double(step) * 1.25), component(ears[1], hertz + Double(step) * 1.25)
            )
            re += l.re * r.re + l.im * r.im
            im += l.im * r.re - l.re * r.im
          }
          return abs(atan2(im, re)) * 180 / .pi
        }
        let isOpposite = stride(from: 572.0, through: 628, by: 8).map(phase)
        let isSame = [100, 300, 500, 545, 655, 700, 1200, 2500, 5000, 7500].map(phase)
        #expect(isSame.allSatisfy { $0 < 12 }, "\(isSame)")
        if isOpposite.allSatisfy({ $0 > 168 }) {
          found.append(interval + 1)
        } else {
          #expect(isOpposite.allSatisfy { $0 < 12 }, "\(isOpposite)")
        }
        // One ear alone cannot tell: the band is as strong as its neighbours.
        func level(_ channel: Int, _ range: ClosedRange<Double>) -> Double {
          let powers = stride(from: range.lowerBound, through: range.upperBound, by: 1.25).map {
            let one = component(ears[channel], $0)
            return one.re * one.re + one.im * one.im
          }
          return 10 * log10(powers.reduce(0, +) / Double(powers.count))
        }
        for channel in 0...1 { #expect(abs(level(channel, 564...636) - level(channel, 640...760)) < 3) }
      }
      #expect(found.count == 1)
      pitched += found
    }
    #expect(pitched == [1, 1, 2, 2, 3, 3])
  }

  @Test("one of three tones is 6 dB quieter, and another is in opposite phase")
  func antiphase() throws {
    var ways: [[Int]] = []
    for clip in try clips(.antiphase) {
      var (quiet, opposite): ([Int], [Int]) = ([], [])
      let levels = (0..<3).map { interval in
        let ears = middle(clip, interval)
        let (l, r) = (component(ears[0], 200), component(ears[1], 200))
        if l.re * r.re + l.im * r.im < 0 { opposite.append(interval + 1) }
        #expect(abs(10 * log10((l.re * l.re + l.im * l.im) / (r.re * r.re + r.im * r.im))) < 0.01)
        return 10 * log10(l.re * l.re + l.im * l.im)
      }
      let loudest = levels.max() ?? 0
      for (i, level) in levels.enumerated() where level < loudest - 1 {
        quiet.append(i + 1)
        #expect(abs(loudest - level - 6) < 0.01)
      }
      #expect(quiet.count == 1 && opposite.count == 1 && quiet != opposite)
      ways.append(quiet + opposite)
    }
    #expect(Set(ways).count == 6)
  }

  @Test("one of three tones is in the left ear only, the others in the right only; both kinds of round count")
  func sides() throws {
    let study = try SmallStudy {
      ($0.headphones.sides, $0.headphones.trials, $0.headphones.pass) = (true, 1, 1)
      $0.sounds.queryLoudness = -27
    }
    for left in 1...3 {
      let clip = try AudioFile.read(study.folder.url.appending(path: "data/headphones/left-\(left).flac"))
      for interval in 0..<3 {
        let levels = middle(clip, interval).map { component($0, 500) }.map { hypot($0.re, $0.im) }
        let (heard, other) = interval + 1 == left ? (levels[0], levels[1]) : (levels[1], levels[0])
        #expect(heard > 100 && other == 0)
      }
      let loudness = try Loudness.measure(clip).integrated
      #expect(abs(loudness + 27) < 0.5)
    }
    // The answers of each round are found from its sounds, as a listener hears them.
    var outcomes: [Bool] = []
    for wrong in [nil, 1, 2, 3] as [Int?] {
      let token = try study.join()
      _ = try study.respond(token, ["step": "questionnaire", "answers": SmallStudy.answers])
      _ = try study.respond(token, ["step": "volume"])
      let check = try #require((try study.state(token)["study"] as? [String: Any])?["headphones"] as? [String: Any])
      let rounds = try #require(check["rounds"] as? [[String: Any]])
      #expect(rounds.map { $0["kind"] as? String } == ["sides", "sides", nil])
      var chosen: [Int] = []
      for round in rounds {
        let address = try #require((round["audio"] as? String)?.split(separator: "#").first)
        let file = study.folder.url.appending(path: "round")
        try #require(try Parcel.open(study.client.get(String(address)).body).first).write(to: file)
        let clip = try AudioFile.read(file)
        let levels = (0..<3).map { i in
          let ears = middle(clip, i).map { component($0, round["kind"] == nil ? 200 : 500) }
          return hypot(ears[0].re, ears[0].im)
        }
        let isLeft = round["kind"] != nil
        chosen.append(1 + (levels.indices.min { isLeft ? levels[$0] > levels[$1] : levels[$0] < levels[$1] } ?? 0))
      }
      if let wrong { chosen[wrong - 1] = chosen[wrong - 1] % 3 + 1 }
      let reply = try study.respond(token, ["step": "headphones", "answers": chosen])
      outcomes.append(try #require((try reply.json()["passed"]) as? Bool as Bool?))
    }
    #expect(outcomes == [true, false, false, false])
  }
}
