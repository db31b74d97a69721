import Basics
import Foundation
import Sound
import Stimuli
import Study
import TestSupport
import Testing

@Suite("Versions of an item")
struct VersionsTests {
  let folder: SoundFolder

  init() throws { folder = try SoundFolder() }

  private func tone(_ level: Float, seconds: Double = 2, rate: Int = 48000, lead: Int = 0) -> [Float] {
    [Float](repeating: 0, count: lead)
      + (0..<Int(seconds * Double(rate))).map { level * Float(sin(2 * .pi * 997 * Double($0) / Double(rate))) }
  }

  /// A design with versions of an item, the reference first.
  private func design(
    _ clips: [Clip], level: StudyDefinition.Sounds.RenderingsLevel = .item
  ) throws -> StudyDesign {
    var requests = try clips.enumerated().map { i, clip in try folder.request("version\(i)", clip) }
    let alignment = StimulusRequest.Alignment(files: requests.map(\.file), hasReference: true)
    for i in requests.indices { requests[i].alignment = alignment }
    var again = requests[0]
    again.stimulus = "reference"
    again.role = .query
    requests.append(again)
    return folder.design(requests) { $0.renderingsLevel = level }
  }

  private func prepared(_ design: StudyDesign) throws -> [String: (row: PreparedStimulus, clip: Clip)] {
    let prepared = try PreparedStimuli.prepare(design, into: folder.data)
    var clips: [String: (PreparedStimulus, Clip)] = [:]
    for row in prepared.stimuli {
      clips[row.stimulus] = (row, try AudioFile.read(#require(prepared.file(of: row.stimulus))))
    }
    return clips
  }

  @Test("single sounds are matched in loudness, short or long, and keep their length")
  func alone() throws {
    let clips = [tone(0.4), tone(0.05, seconds: 0.1), tone(0.02, seconds: 5)].map { Clip(mono: $0, sampleRate: 48000) }
    var requests = try clips.enumerated().map { i, clip in try folder.request("sound\(i)", clip) }
    for i in requests.indices {
      requests[i].alignment = .init(files: [requests[i].file], hasReference: false, isAlone: true)
    }
    let sounds = try prepared(folder.design(requests) { $0.candidateLoudness = -27 })
    #expect(sounds.values.map(\.clip.frameCount).sorted() == [4800, 96000, 240_000])
    #expect(sounds.values.allSatisfy { abs($0.row.loudness - -27) < 0.3 }, "\(sounds.values.map(\.row.loudness))")
    let asTheyAre = try prepared(folder.design(requests) { $0.renderingsLevel = .asIs })
    #expect(asTheyAre.values.allSatisfy { $0.row.gain == 0 })
  }

  @Test(
    "a low-passed copy, whose peak is higher than its source's, is not clipped either",
    arguments: [
      StudyDefinition.Sounds.RenderingsLevel.item, .asIs,
    ])
  func lowpassedPeaks(level: StudyDefinition.Sounds.RenderingsLevel) throws {
    // A square wave whose third harmonic is above the cutoff: its fundamental alone is higher by a factor of 4/π.
    let square = (0..<96000).map { Float(($0 / 24) % 2 == 0 ? 0.95 : -0.95) }
    var design = try design([Clip(mono: square, sampleRate: 48000)], level: level)
    var copy = design.stimuli[0]
    copy.stimulus = "anchor"
    copy.lowpass = 1500
    copy.alignment?.lowpassed = [.init(file: copy.file, lowpass: 1500)]
    design.stimuli =
      design.stimuli.map { one in
        var one = one
        one.alignment = copy.alignment
        return one
      } + [copy]
    design.definition.sounds.queryLoudness = 10
    let sounds = try prepared(design)
    let anchor = try #require(sounds["anchor"]), whole = try #require(sounds["version0"])
    let scale = anchor.row.gain - whole.row.gain
    #expect(scale == 0 && anchor.row.isLimited && whole.row.isLimited)
    // A clipped sine has more harmonics than one that is not.
    let middle = anchor.clip.channels[0][20000..<68000]
    let fundamental = middle.enumerated().reduce(into: (0.0, 0.0)) { sum, one in
      let angle = 2 * Double.pi * 1000 * Double(one.offset) / 48000
      sum.0 += Double(one.element) * cos(angle)
      sum.1 += Double(one.element) * sin(angle)
    }
    let power = middle.reduce(0.0) { $0 + Double($1) * Double($1) }
    let ofFundamental = 2 * (fundamental.0 * fundamental.0 + fundamental.1 * fundamental.1) / Double(middle.count)
    #expect(1 - ofFundamental / power < 1e-6)
    #expect(anchor.row.peak <= (level == .asIs ? 0.05 : design.definition.sounds.truePeakCeiling + 0.05))
  }

  @Test("samples above full scale, which a file of floats may have, are not clipped where levels stay as they are")
  func loudFloats() throws {
    let sounds = try prepared(design([Clip(mono: tone(1.5), sampleRate: 48000)], level: .asIs))
    let sound = try #require(sounds["version0"])
    #expect(abs(sound.row.gain - -20 * log10(1.5)) < 0.01 && sound.row.isLimited)
  }

  @Test("versions that are too short for an integrated loudness are matched, too, by one gain for all")
  func short() throws {
    for level in [Float(0.4), 0.04] {
      let clips = [level, level / 2].map { Clip(mono: tone($0, seconds: 0.3), sampleRate: 48000) }
      let sounds = try prepared(try design(clips))
      let rows = ["version0", "version1"].compactMap { sounds[$0]?.row }
      #expect(rows.count == 2 && rows[0].gain == rows[1].gain && rows[0].gain != 0)
      let peak = try #require(sounds["version0"]).clip.samplePeak
      // The reference is as loud in either case.
      #expect(abs(20 * log10(peak) - -20.5) < 3, "\(20 * log10(peak))")
    }
  }

  @Test("an anchor above half the rate of its item's files is a problem that names the rate")
  func anchorAboveTheRate() throws {
    let clips = [0.4, 0.2].map { Clip(mono: tone(Float($0), rate: 8000), sampleRate: 8000) }
    for (lowpass, isFine) in [(3500.0, true), (7000, false)] {
      var study = try design(clips)
      var anchor = study.stimuli[0]
      (anchor.stimulus, anchor.lowpass) = ("anchor", lowpass)
      study.stimuli.append(anchor)
      do {
        _ = try prepared(study)
        #expect(isFine)
      } catch { #expect(!isFine && "\(error)".contains("7000 Hz: the sound has 8000 samples per second"), "\(error)") }
    }
  }

  @Test("versions share one gain, sample rate and timing, so that their differences in level stay")
  func gain() throws {
    let lead = 4800
    let clips = [tone(0.4), tone(0.2), tone(0.05), tone(0.4, lead: lead)].map { Clip(mono: $0, sampleRate: 48000) }
    let sounds = try prepared(design(clips))
    #expect(Set(sounds.values.map(\.row.gain)).count == 1)
    #expect(Set(sounds.values.map(\.clip.frameCount)) == [96000 + lead])
    #expect(sounds.values.allSatisfy { $0.clip.sampleRate == 48000 && $0.clip.channels.count == 2 })
    let reference = try #require(sounds["reference"])
    #expect(abs(reference.row.loudness - -23) < 0.3)  // Silence at its end is gated out.
    let peaks = ["version0", "version1", "version2"].map { sounds[$0]?.clip.samplePeak ?? 0 }
    #expect(abs(peaks[1] / peaks[0] - 0.5) < 0.01 && abs(peaks[2] / peaks[0] - 0.125) < 0.01)
    // A version that begins later still does, to the frame.
    let late = try #require(sounds["version3"]?.clip.channels[0]),
      early = try #require(sounds["version0"]?.clip.channels[0])
    let difference = zip(late[(20000 + lead)...], early[20000..<40000]).map { abs($0 - $1) }.max() ?? 1
    #expect(difference < 2e-4)
    // The reference is heard twice: the same sound, but not the same file.
    #expect(reference.row.sha256 != sounds["version0"]?.row.sha256)
    let same = zip(reference.clip.channels[0], early).map { abs($0 - $1) }.max() ?? 1
    #expect(same > 0 && same < 2e-4)
  }

  @Test("each version may be brought to the same loudness, and has the gain that this takes")
  func each() throws {
    let clips = [tone(0.4), tone(0.2), tone(0.05, seconds: 3)].map { Clip(mono: $0, sampleRate: 48000) }
    let design = try design(clips, level: .each)
    let sounds = try prepared(design)
    for (name, sound) in sounds {
      let loudness = try Loudness.measure(sound.clip).integrated
      // Silence at the end of the shorter ones is in blocks that pass the gate.
      #expect(abs(loudness - -23) < 0.4 && !sound.row.isLimited, "\(name): \(loudness)")
    }
    let gains = try ["version0", "version1", "version2"].map { try #require(sounds[$0]).row.gain }
    #expect(abs(gains[1] - gains[0] - 6.02) < 0.05 && abs(gains[2] - gains[0] - 18.06) < 0.05)
    // One gain for all leaves them as far apart as they were.
    let item = try prepared(self.design(clips))
    #expect(Set(item.values.map(\.row.gain)).count == 1)
  }

  @Test("versions that are heard one at a time keep their own length, and nobody is warned of it")
  func oneAtATime() throws {
    let clips = [tone(0.3), tone(0.3, seconds: 1), tone(0.3, lead: 4800)].map { Clip(mono: $0, sampleRate: 48000) }
    var design = try design(clips)
    for i in design.stimuli.indices { design.stimuli[i].alignment?.isSwitched = false }
    let sounds = try prepared(design)
    #expect(["version0", "version1", "version2"].map { sounds[$0]?.clip.frameCount } == [96000, 48000, 100_800])
    #expect(Set(sounds.values.map(\.row.gain)).count == 1)
    #expect(VersionCheck.warnings(design) == [])
  }

  @Test("with loudness as it is, no gain is applied, even to a sound that is at full scale")
  func asTheyAre() throws {
    let sounds = try prepared(design([0.9, 0.5].map { Clip(mono: tone($0), sampleRate: 44100) }, level: .asIs))
    #expect(sounds.values.allSatisfy { $0.row.gain == 0 && $0.clip.sampleRate == 44100 })
    #expect(abs((sounds["version0"]?.clip.samplePeak ?? 0) - 0.9) < 0.001)
  }

  @Test("the loudest version sets the gain that keeps all below the ceiling")
  func ceiling() throws {
    var quiet = tone(0.02)
    quiet[30000] = 0.9
    let sounds = try prepared(design([tone(0.02), quiet].map { Clip(mono: $0, sampleRate: 48000) }))
    #expect(Set(sounds.values.map(\.row.gain)).count == 1 && sounds.values.allSatisfy(\.row.isLimited))
    #expect((sounds.values.map(\.row.peak).max() ?? 0) <= -0.9)
  }

  @Test("versions with other rates are converted, shorter ones end in silence, and differences are reported")
  func unlike() throws {
    let clips = [
      Clip(channels: [tone(0.3), tone(0.3)], sampleRate: 48000),
      Clip(mono: tone(0.3, seconds: 1.5, rate: 44100), sampleRate: 44100),
      Clip(channels: [tone(0.3, lead: 960), tone(0.3, lead: 960)], sampleRate: 48000),
    ]
    let design = try design(clips)
    let sounds = try prepared(design)
    #expect(Set(sounds.values.map(\.clip.sampleRate)) == [44100])
    #expect(Set(sounds.values.map(\.clip.frameCount)).count == 1)
    let end = try #require(sounds["version1"]?.clip.channels[0].suffix(10000))
    #expect((end.map(abs).max() ?? 1) < 1e-4)
    let told = VersionCheck.warnings(design).map(\.what)
    for part in ["44100, 48000 Hz", "mono, but others are stereo", "0.52 s shorter", "begins 0.02 s later"] {
      #expect(told.contains { $0.contains(part) }, "\(part): \(told)")
    }
    #expect(
      VersionCheck.warnings(
        try self.design([Clip(mono: tone(0.3), sampleRate: 48000), Clip(mono: tone(0.2), sampleRate: 48000)])) == [])
  }

  @Test("a low-passed copy that sounds like its source, or of which nothing remains, is reported")
  func lowpassedMaterial() throws {
    func heard(_ requests: StimulusRequest...) -> StudyDesign {
      var design = folder.design(requests)
      let candidates = requests.map { PlannedCandidate($0.stimulus) }
      design.blocks = [[StudyDesign.Item(query: "q", condition: "", candidates: candidates)]]
      return design
    }
    func warnings(_ frequency: Double, lowpass: Double) throws -> [String] {
      let sound = (0..<48000).map { 0.3 * Float(sin(2 * .pi * frequency * Double($0) / 48000)) }
      var request = try folder.request("tone", Clip(mono: sound, sampleRate: 48000))
      request.lowpass = lowpass
      return VersionCheck.warnings(heard(request)).map(\.what)
    }
    #expect(try warnings(1000, lowpass: 3500).first?.contains("hardly anything of this sound is above 3500 Hz") == true)
    #expect(try warnings(5000, lowpass: 3500).first?.contains("hardly anything of this sound is below 3500 Hz") == true)
    var low = try folder.request(
      "low", Clip(mono: (0..<48000).map { 0.3 * Float(sin(Double($0) * 0.1)) }, sampleRate: 48000))
    var lower = low
    (low.lowpass, lower.lowpass, lower.stimulus) = (3500, 1000, "lower")
    let several = VersionCheck.warnings(heard(low, lower)).map(\.what)
    #expect(several.count == 1 && several[0].contains("above 1000 Hz"))
    #expect(several.first?.hasSuffix("its copies that are low-passed at 1000, 3500 Hz sound alike") == true)
    let noise = (0..<48000).map { i in 0.2 * Float(sin(Double(i) * 0.1) + sin(Double(i) * 1.1)) }
    var request = try folder.request("both", Clip(mono: noise, sampleRate: 48000))
    request.lowpass = 3500
    #expect(VersionCheck.warnings(heard(request)) == [])
  }

  @Test("all versions are prepared anew when one changes, since they share a gain")
  func anew() throws {
    let design = try design([0.4, 0.2].map { Clip(mono: tone($0), sampleRate: 48000) })
    #expect(try PreparedStimuli.prepare(design, into: folder.data).freshCount == 3)
    #expect(try PreparedStimuli.prepare(design, into: folder.data).freshCount == 0)
    _ = try folder.write(Clip(mono: tone(0.6, seconds: 3), sampleRate: 48000), "version1.wav")
    #expect(try PreparedStimuli.prepare(design, into: folder.data).freshCount == 3)
  }
}
