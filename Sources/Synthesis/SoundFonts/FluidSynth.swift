import Basics
import CFluidSynth
import Foundation
import Sound

/// A synthesiser with one soundfont, through libfluidsynth, which renders faster than real time. No other file of
/// Earshot calls libfluidsynth. Not thread-safe: create one per thread.
public final class FluidSynth {
  private let settings: OpaquePointer
  private let synth: OpaquePointer
  private let font: OpaquePointer
  private let path: String
  /// In hertz.
  public let sampleRate: Int

  /// - Parameters:
  ///   - file: an SF2 or SF3 file.
  ///   - effects: whether to use the synthesiser's own reverb and chorus.
  /// - Throws: a `Problem` if the file is not a soundfont.
  public init(_ file: URL, sampleRate: Int = 44100, effects: Bool) throws {
    try InputFile.check(file)
    path = file.path
    self.sampleRate = sampleRate
    func failed(_ what: String) -> Problem {
      Problem(what, at: Place(file: file.path), mend: "Check that it is an SF2 or SF3 file and can be read.")
    }
    // Its own log would disturb progress bars. Errors are reported by the return codes of calls.
    for level in [FLUID_PANIC, FLUID_ERR, FLUID_WARN, FLUID_INFO] {
      fluid_set_log_function(Int32(level.rawValue), nil, nil)
    }
    guard let settings = new_fluid_settings() else { throw failed("libfluidsynth has no memory") }
    fluid_settings_setnum(settings, "synth.sample-rate", Double(sampleRate))
    fluid_settings_setint(settings, "synth.reverb.active", effects ? 1 : 0)
    fluid_settings_setint(settings, "synth.chorus.active", effects ? 1 : 0)
    fluid_settings_setint(settings, "synth.lock-memory", 0)
    fluid_settings_setint(settings, "synth.cpu-cores", 1)
    fluid_settings_setnum(settings, "synth.gain", 0.6)
    fluid_settings_setstr(settings, "player.timing-source", "sample")
    guard let synth = new_fluid_synth(settings) else {
      delete_fluid_settings(settings)
      throw failed("libfluidsynth cannot make a synthesiser")
    }
    let id = fluid_synth_sfload(synth, path, 1)
    guard id >= 0, let font = fluid_synth_get_sfont_by_id(synth, id) else {
      delete_fluid_synth(synth)
      delete_fluid_settings(settings)
      throw failed("not a soundfont that can be read")
    }
    (self.settings, self.synth, self.font) = (settings, synth, font)
  }

  deinit {
    delete_fluid_synth(synth)
    delete_fluid_settings(settings)
  }

  /// An instrument of the soundfont.
  public struct Preset: Sendable, Hashable {
    /// As in MIDI: the bank, and the program from 0.
    public var bank, number: Int
    public var name: String
  }

  /// All presets, in the order of the file.
  public var presets: [Preset] {
    var presets: [Preset] = []
    fluid_sfont_iteration_start(font)
    while let preset = fluid_sfont_iteration_next(font) {
      presets.append(
        Preset(
          bank: Int(fluid_preset_get_banknum(preset)), number: Int(fluid_preset_get_num(preset)),
          name: String(cString: fluid_preset_get_name(preset)).trimmingCharacters(in: .whitespaces)))
    }
    return presets
  }

  /// A single stroke of a drum, with the key held until the sound is silent or `longest` seconds have passed.
  /// - Parameters: `key` and `velocity` are MIDI numbers.
  public func strike(_ preset: Preset, key: Int, velocity: Int, longest: Double) throws -> Clip {
    let id = fluid_sfont_get_id(font)
    fluid_synth_system_reset(synth)
    guard
      fluid_synth_program_select(synth, 9, id, Int32(preset.bank), Int32(preset.number)) == FLUID_OK,
      fluid_synth_noteon(synth, 9, Int32(key), Int32(velocity)) == FLUID_OK
    else {
      throw Problem("preset \(preset.name) has no key \(key)", at: Place(file: path), mend: "")
    }
    let clip = try render(longest: longest) { fluid_synth_get_active_voice_count(self.synth) == 0 }
    fluid_synth_all_sounds_off(synth, 9)
    return clip
  }

  /// Plays a Standard MIDI File to its end, until the last voice is silent or `longest` seconds have passed.
  public func play(_ midi: Data, longest: Double = 120) throws -> Clip {
    guard let player = new_fluid_player(synth) else {
      throw Problem("libfluidsynth cannot make a player", at: Place(file: path), mend: "Is there memory left?")
    }
    defer { delete_fluid_player(player) }
    let added = midi.withUnsafeBytes { fluid_player_add_mem(player, $0.baseAddress, $0.count) }
    guard added == FLUID_OK, fluid_player_play(player) == FLUID_OK else {
      throw Problem("the accompaniment is not a MIDI file", mend: "Check that mma works on its own.")
    }
    return try render(longest: longest) {
      fluid_player_get_status(player) != Int32(FLUID_PLAYER_PLAYING.rawValue)
        && fluid_synth_get_active_voice_count(self.synth) == 0
    }
  }

  /// Renders in blocks until playback is over and the effects have decayed.
  private func render(longest: Double, isOver: () -> Bool) throws -> Clip {
    let block = 1024
    var left: [Float] = [], right: [Float] = []
    var l = [Float](repeating: 0, count: block), r = l
    let limit = Int(longest * Double(sampleRate))
    var quiet = 0
    while left.count < limit {
      guard fluid_synth_write_float(synth, Int32(block), &l, 0, 1, &r, 0, 1) == FLUID_OK else {
        throw Problem("libfluidsynth failed while rendering", at: Place(file: path), mend: "Is there memory left?")
      }
      left += l
      right += r
      let peak = max(l.lazy.map(abs).max() ?? 0, r.lazy.map(abs).max() ?? 0)
      quiet = peak < 1e-5 ? quiet + 1 : 0
      if quiet > 8, isOver() { break }
    }
    return Clip(channels: [left, right], sampleRate: sampleRate)
  }
}
