/// Determines the drum class of a sound from its names. `docs/library.md` describes the rule in prose.
public enum NamingRule {
  /// - Parameters:
  ///   - instrument: what the kit's own table calls the sound, if there is one. It takes precedence; the file's name
  ///     can then only contradict it.
  ///   - file: the file name without extension.
  ///   - folder: the name of the folder that contains it.
  /// - Returns: nil if the names contain no class, another drum, a loop, or two classes at once.
  public static func condition(instrument: String? = nil, file: String, folder: String = "") -> DrumClass? {
    let stem = NameWords(file), place = NameWords(folder)
    if let instrument, !instrument.allSatisfy({ $0.isNumber || $0.isWhitespace }) {
      let name = NameWords(instrument)
      if let found = single(name) { return isOther(name) || isLoop(name) || isOther(stem) ? nil : found }
      if isOther(name) { return nil }
    }
    if isLoop(stem) || isLoop(place) || isOther(stem) { return nil }
    if let found = single(stem) { return found }
    // A file without any drum in its name, in a folder that names one: `Snares/07.wav`.
    return classes(stem).isEmpty && !isOther(place) ? single(place) : nil
  }

  private static func single(_ name: NameWords) -> DrumClass? {
    let found = classes(name)
    return found.count == 1 ? found[0] : nil
  }

  private static func classes(_ name: NameWords) -> [DrumClass] {
    var found: [DrumClass] = []
    if name.hasAny(["bd", "kik", "kck", "bassdrum", "bassdrums"]) || name.hasStem("kick")
      || name.hasPair("bass", "drum") || name.hasPair("drum", "bass")
    {
      found.append(.kick)
    }
    if name.hasAny(["sd", "sn", "snr"]) || name.hasStem("snare") { found.append(.snare) }
    if isHiHat(name) { found.append(.hihat) }
    return found
  }

  private static func isHiHat(_ name: NameWords) -> Bool {
    let words: Set = ["hh", "hat", "hats", "ch", "oh", "chh", "ohh", "phh", "hho", "hhc"]
    if name.hasAny(words) || name.hasStem("hihat") || name.hasPair("hi", "hat") { return true }
    if name.words.contains(where: {
      $0.hasPrefix("hh") || ["openhat", "closehat", "closedhat", "pedalhat"].contains($0)
    }) {
      return true
    }
    // Some kits name the pair of cymbals by how it is played.
    return name.has("cymbal") && name.hasAny(["closed", "open", "pedal"])
  }

  /// Other drums, and strokes that sound like other drums. A rim shot on a snare is one of them.
  private static func isOther(_ name: NameWords) -> Bool {
    let words: Set = [
      "ride", "crash", "china", "splash", "bell", "cup", "tom", "toms", "ft", "clap", "claps", "snap", "snaps", "stick",
      "sticks", "sidestick", "shaker", "conga", "congas", "bongo", "bongos", "clave", "claves", "agogo", "cowbell",
      "triangle", "whistle", "zap", "perc", "tabla", "cajon", "djembe", "tambourine", "maraca", "maracas", "guiro",
      "cabasa", "timbale", "woodblock", "metronome", "bass",
    ]
    if name.has("cymbal") || name.has("cymbals") { return !isHiHat(name) }
    let left = name.words.filter { $0 != "bass" || !(name.hasPair("bass", "drum") || name.hasPair("drum", "bass")) }
    return left.contains { words.contains($0) || $0.hasPrefix("rim") || $0.hasPrefix("tomtom") || $0.hasSuffix("rim") }
  }

  /// Names for recordings of more than one stroke.
  private static func isLoop(_ name: NameWords) -> Bool {
    name.hasAny([
      "loop", "loops", "beat", "beats", "break", "fill", "fills", "roll", "rolls", "groove", "grooves",
      "pattern", "patterns", "drumloop",
    ])
  }
}
