import Basics
import Foundation

/// Reads `.ds` files: sections in brackets, with one key and value per line.
///
/// Missing keys get DrumSynth's defaults, because the format grew over time. Unknown keys and sections are ignored, as
/// in LMMS. All other lines, invalid numbers and unknown choices are reported together, with their lines.
public enum DrumSynthFile {
  /// - Throws: `Problems`; a `Problem` if the file cannot be read or describes no sound.
  public static func read(_ url: URL) throws -> DrumSynthPreset {
    let data = try InputFile.data(url)
    // Comments predate UTF-8; in Latin-1 every byte is a character.
    return try parse(String(data: data, encoding: .isoLatin1) ?? "", name: url.path)
  }

  /// - Parameter name: what problems call the file.
  public static func parse(_ text: String, name: String) throws -> DrumSynthPreset {
    var reader = Reader(text, name: name)
    let preset = reader.preset()
    guard reader.problems.isEmpty else { throw Problems(reader.problems) }
    guard preset.duration > 0 else {
      throw Problem(
        "this preset makes no sound", at: Place(file: name),
        mend: "Switch a section on with On=1, and give it an envelope that ends later than it starts.")
    }
    return preset
  }

  private struct Reader {
    private struct Value {
      var text: String
      var line: Int
    }
    private let name: String
    private var values: [String: [String: Value]] = [:]
    var problems: [Problem] = []

    init(_ text: String, name: String) {
      self.name = name
      var section: String?
      for (i, row) in text.split(separator: /\r\n|\n|\r/, omittingEmptySubsequences: false).enumerated() {
        let row = row.trimmingCharacters(in: .whitespaces)
        if row.isEmpty { continue }
        if row.hasPrefix("["), row.hasSuffix("]") {
          section = row.dropFirst().dropLast().lowercased()
          continue
        }
        guard let sign = row.firstIndex(of: "="), let section else {
          problems.append(
            Problem(
              "'\(row.prefix(40))' is neither a section nor a value", at: Place(file: name, line: i + 1),
              mend: "Write [Section], and below it Key=Value."))
          continue
        }
        let key = row[..<sign].trimmingCharacters(in: .whitespaces).lowercased()
        let value = row[row.index(after: sign)...].trimmingCharacters(in: .whitespaces)
        // If a key occurs twice, the first one counts, as usual in such files.
        if values[section]?[key] == nil { values[section, default: [:]][key] = Value(text: value, line: i + 1) }
      }
    }

    private func value(_ section: String, _ key: String) -> Value? { values[section.lowercased()]?[key.lowercased()] }

    private mutating func number(_ section: String, _ key: String, _ standard: Double) -> Double {
      guard let value = value(section, key), !value.text.isEmpty else { return standard }
      guard let number = Double(value.text), number.isFinite else {
        problems.append(
          Problem(
            "[\(section)] \(key) is '\(value.text)', which is not a number", at: Place(file: name, line: value.line),
            mend: "Write a number with a point, as in 12.5."))
        return standard
      }
      return number
    }

    private mutating func choice<C: RawRepresentable>(
      _ section: String, _ key: String, of type: C.Type, _ standard: C
    ) -> C where C.RawValue == Int {
      let number = number(section, key, Double(standard.rawValue))
      guard let choice = C(rawValue: Int(number)) else {
        problems.append(
          Problem(
            "[\(section)] \(key) has no choice \(Int(number))",
            at: Place(file: name, line: value(section, key)?.line),
            mend: "Write one from 0 to 4, as DrumSynth counts them."))
        return standard
      }
      return choice
    }

    private mutating func flag(_ section: String, _ key: String) -> Bool { number(section, key, 0) != 0 }

    /// Reads points such as `0,100 968,87 12813,0`: samples at 44.1 kHz, and levels in percent.
    private mutating func envelope(_ section: String, _ key: String) -> DrumSynthPreset.Envelope {
      let none = DrumSynthPreset.Envelope(points: [.init(time: 0, level: 0)])
      guard let value = value(section, key) else { return none }
      var points: [DrumSynthPreset.Envelope.Point] = []
      for word in value.text.split(separator: " ") {
        let pair = word.split(separator: ",").map { Double($0) }
        guard pair.count == 2, let time = pair[0], let level = pair[1], time.isFinite, level.isFinite,
          time / 44100 >= points.last?.time ?? 0
        else {
          problems.append(
            Problem(
              "[\(section)] \(key) has the point '\(word)'", at: Place(file: name, line: value.line),
              mend:
                "Write points as time,level separated by spaces, with times that do not decrease: 0,100 4000,30 9000,0."
            ))
          return none
        }
        points.append(.init(time: time / 44100, level: level / 100))
      }
      return points.isEmpty ? none : DrumSynthPreset.Envelope(points: points)
    }

    private mutating func level(_ section: String) -> Double {
      let share = number(section, "Level", 128) / 128
      return share * share
    }

    mutating func preset() -> DrumSynthPreset {
      var preset = DrumSynthPreset()
      preset.tuning = number("General", "Tuning", 0)
      preset.stretch = max(0.2, min(10, number("General", "Stretch", 100) / 100))
      preset.gain = number("General", "Level", 0)
      preset.phase = number("Tone", "Phase", 90) / 360
      if flag("Tone", "On") {
        preset.tone = .init(
          level: level("Tone"), start: number("Tone", "F1", 200), end: number("Tone", "F2", 120),
          droop: number("Tone", "Droop", 0), phase: preset.phase, envelope: envelope("Tone", "Envelope"))
      }
      if flag("Noise", "On") {
        preset.noise = .init(
          level: level("Noise"), slope: max(-100, min(100, number("Noise", "Slope", 0))),
          envelope: envelope("Noise", "Envelope"))
      }
      if flag("Overtones", "On") {
        preset.overtones = .init(
          level: level("Overtones"), method: choice("Overtones", "Method", of: DrumSynthPreset.Method.self, .sum),
          parameter: max(0, min(1, number("Overtones", "Param", 50) / 100)), first: oscillator("1"),
          second: oscillator("2"))
      }
      for section in ["NoiseBand", "NoiseBand2"] where flag(section, "On") {
        preset.bands.append(
          .init(
            level: level(section), frequency: number(section, "F", 1000),
            width: max(0, min(100, number(section, "dF", 50))), envelope: envelope(section, "Envelope")))
      }
      preset.filtersOvertonesAlone = !flag("General", "Filter")
      if flag("General", "Filter") || flag("Overtones", "Filter") {
        preset.filter = .init(
          isHighPass: flag("General", "HighPass"),
          resonance: max(0, min(1, number("General", "Resonance", 0) / 100)),
          envelope: envelope("General", "FilterEnv"))
      }
      if flag("Distortion", "On") {
        preset.distortion = .init(
          drive: number("Distortion", "Clipping", 0), bits: Int(max(0, min(7, number("Distortion", "Bits", 0)))),
          rate: Int(max(0, min(7, number("Distortion", "Rate", 0)))))
      }
      return preset
    }

    private mutating func oscillator(_ n: String) -> DrumSynthPreset.Oscillator {
      .init(
        frequency: number("Overtones", "F\(n)", n == "1" ? 200 : 120),
        wave: choice("Overtones", "Wave\(n)", of: DrumSynthPreset.Wave.self, .sine),
        follows: flag("Overtones", "Track\(n)"), envelope: envelope("Overtones", "Envelope\(n)"))
    }
  }
}
