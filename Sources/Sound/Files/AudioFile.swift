import Basics
import CSndfile
import Foundation

/// Reads and writes sound files through libsndfile. No other file of Earshot calls it.
///
/// A file is read completely or not at all: files that end early, are damaged, or contain samples that are not numbers
/// are refused, and the problem names the file. `docs/stimuli.md` says what can be detected in which format.
public enum AudioFile {
  /// How samples are written.
  public enum Encoding: Sendable {
    case flac16, flac24, wav16, wavFloat

    fileprivate var format: Int32 {
      switch self {
      case .flac16: Int32(SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
      case .flac24: Int32(SF_FORMAT_FLAC | SF_FORMAT_PCM_24)
      case .wav16: Int32(SF_FORMAT_WAV | SF_FORMAT_PCM_16)
      case .wavFloat: Int32(SF_FORMAT_WAV | SF_FORMAT_FLOAT)
      }
    }
  }

  /// The properties a file may have; all others are refused. Nothing that Earshot plays comes near these limits,
  /// whereas a broken header may claim anything.
  public enum Limits {
    /// The longest duration, in seconds.
    public static let longest = 600.0
    /// The most frames: `longest` at 96 kHz, so that no file fills the memory.
    public static let frames = 57_600_000
    /// Sample rates in hertz.
    public static let rates = 2000...384_000
    /// Mono or stereo.
    public static let channels = 1...2
    /// The largest absolute sample, relative to full scale at 1: the value of an unscaled 32-bit integer. Beyond it,
    /// squares and sums of samples overflow.
    public static let loudest: Float = 0x1p31
  }

  /// Decodes a whole file.
  /// - Throws: a `Problem` that names the file if it cannot be opened, is outside `Limits`, ends before what its header
  ///   promises, is damaged, decodes to nothing, or contains samples that are not numbers.
  public static func read(_ url: URL) throws -> Clip {
    let bytes = try SoundBytes(url)
    let mpeg = MPEGFrames.check(bytes)
    if let damage = OggPages.damage(in: bytes) ?? mpeg.damage { throw bytes.problem(damage) }
    let chunk = DataChunk(bytes)
    let flac = FLACHeader(bytes)
    let file = try Reader(bytes, chunk)
    var channels = [[Float]](repeating: [], count: file.channelCount)
    let block = 16384
    var buffer = [Float](repeating: 0, count: block * channels.count)
    let limit = min(Limits.frames, Int(Limits.longest * Double(file.sampleRate)))
    var isFlawed = false
    for c in channels.indices { channels[c].reserveCapacity(min(file.promisedFrames ?? 0, 1 << 20)) }
    while true {
      let got = Int(sf_readf_float(file.pointer, &buffer, sf_count_t(block)))
      // libsndfile forgets an error at the next call.
      if sf_error(file.pointer) != 0 { isFlawed = true }
      guard got > 0 else { break }
      buffer.withUnsafeBufferPointer { buffer in
        for c in channels.indices {
          for i in 0..<got { channels[c].append(buffer[i * channels.count + c]) }
        }
      }
      guard channels[0].count <= limit else {
        throw bytes.problem(
          "is longer than \(Int(Double(limit) / Double(file.sampleRate))) s",
          mend: "Cut out the part that listeners should hear.")
      }
    }
    try check(channels, bytes, file, chunk, mpeg, flac, isFlawed: isFlawed)
    return Clip(channels: channels, sampleRate: file.sampleRate)
  }

  /// Compares what was decoded with what the file says about itself.
  private static func check(
    _ channels: [[Float]], _ bytes: SoundBytes, _ file: Reader, _ chunk: DataChunk?,
    _ mpeg: (damage: Damage?, fewest: Int),
    _ flac: FLACHeader?, isFlawed: Bool
  ) throws {
    let frames = channels[0].count
    if let chunk, chunk.strayed > 0 {
      throw bytes.problem(
        "contains more than its header says: \(chunk.held) bytes of sound, and \(chunk.strayed) bytes after them",
        mend: "Open it in an audio editor and export it again.")
    }
    if file.isMPEG, frames < mpeg.fewest {
      throw bytes.problem(
        "does not state its length, so only \(Damage.seconds(Double(frames) / Double(file.sampleRate))) of about "
          + "\(Damage.seconds(Double(mpeg.fewest) / Double(file.sampleRate))) can be decoded",
        mend: "Convert it to WAV or FLAC.")
    }
    let promised = flac?.frames ?? chunk?.promisedFrames
    if let damage = shortfall(frames, file, chunk, promised: promised, isFlawed: isFlawed) {
      throw bytes.problem(damage)
    }
    // In some encodings, AIFF counts packets here, and its samples were already counted in bytes.
    if let promised, frames > promised, flac != nil || bytes.starts(with: "caff") {
      let rate = Double(file.sampleRate)
      throw bytes.problem(
        "contains more than its header says: \(Damage.seconds(Double(frames) / rate)) of sound, of which it counts "
          + Damage.seconds(Double(promised) / rate),
        mend: "Open it in an audio editor and export it again.")
    }
    guard frames > 0 else {
      throw bytes.problem(
        "contains no sound" + (chunk?.promised == 0 ? ": its header says so" : ""),
        mend: "Check that it plays, or leave it out.")
    }
    if let place = firstUnsound(channels) {
      throw bytes.problem(
        "contains samples that are not numbers or are out of range, from "
          + "\(Damage.seconds(Double(place) / Double(file.sampleRate))) on",
        mend: "Export it again, or leave it out.")
    }
  }

  /// What is missing from the decoded sound, compared with what was promised. Nil if nothing is.
  private static func shortfall(
    _ frames: Int, _ file: Reader, _ chunk: DataChunk?, promised: Int?, isFlawed: Bool
  ) -> Damage? {
    let rate = Double(file.sampleRate), held = Double(frames) / rate
    if let chunk, let promised = chunk.promised, chunk.held < promised {
      // A partial frame at the end was not meant to be heard.
      guard frames > 0 else { return Damage(kind: .cut, held: 0, promised: nil) }
      let frameSize = Double(chunk.held) / Double(frames)
      if Double(promised - chunk.held) >= frameSize {
        return Damage(kind: .cut, held: held, promised: Double(promised) / frameSize / rate)
      }
    }
    // For MPEG files, libsndfile's number is an estimate; their frames were counted separately.
    let counted = file.isMPEG ? nil : [file.promisedFrames, promised].compactMap(\.self).max()
    if let counted, frames < counted {
      return Damage(kind: isFlawed ? .broken : .cut, held: held, promised: Double(counted) / rate)
    }
    return isFlawed && counted == nil ? Damage(kind: .broken, held: held, promised: nil) : nil
  }

  /// The first frame with a sample that is NaN or infinite, or exceeds `Limits.loudest`.
  private static func firstUnsound(_ channels: [[Float]]) -> Int? {
    channels.compactMap { samples in
      samples.withUnsafeBufferPointer { $0.firstIndex { !(abs($0) <= Limits.loudest) } }
    }.min()
  }

  /// Writes a clip. Samples beyond full scale are clipped, not wrapped. An existing file is replaced.
  /// - Throws: a `Problem` if the file cannot be written, or the clip contains samples that are not numbers.
  public static func write(_ clip: Clip, to url: URL, as encoding: Encoding) throws {
    guard firstUnsound(clip.channels) == nil else {
      throw Problem(
        "the sound to be written here contains samples that are not numbers", at: Place(file: url.path),
        mend: "One of the sounds that it is made from is faulty. Nothing was written.")
    }
    var info = SF_INFO()
    info.samplerate = Int32(clip.sampleRate)
    info.channels = Int32(clip.channels.count)
    info.format = encoding.format
    let file = try Writer(url, info: info)
    sf_command(file.pointer, Int32(SFC_SET_CLIPPING), nil, Int32(SF_TRUE))
    // It would contain the time, so that the same sound would be another file each second.
    sf_command(file.pointer, Int32(SFC_SET_ADD_PEAK_CHUNK), nil, Int32(SF_FALSE))
    let channelCount = clip.channels.count
    var interleaved = [Float](repeating: 0, count: clip.frameCount * channelCount)
    for (c, samples) in clip.channels.enumerated() {
      for (i, sample) in samples.enumerated() { interleaved[i * channelCount + c] = sample }
    }
    let written = sf_writef_float(file.pointer, interleaved, sf_count_t(clip.frameCount))
    guard written == sf_count_t(clip.frameCount) else {
      throw Problem(
        "the sound file could not be written completely", at: Place(file: url.path), mend: "Is the disk full?")
    }
  }

  /// Owns a libsndfile handle for reading, from open to close.
  private final class Reader {
    let pointer: OpaquePointer
    let sampleRate: Int
    let channelCount: Int
    /// Nil if the header does not say.
    let promisedFrames: Int?
    let isMPEG: Bool
    private let bytes: SoundBytes

    init(_ bytes: SoundBytes, _ chunk: DataChunk?) throws {
      var info = SF_INFO(), source = SoundBytes.virtual
      guard
        let pointer = sf_open_virtual(
          &source, Int32(SFM_READ), &info, Unmanaged.passUnretained(bytes).toOpaque())
      else {
        if let chunk, let promised = chunk.promised, chunk.held < promised {
          throw bytes.problem(
            "ends early: its header promises \(promised) bytes of sound, but there are \(chunk.held)",
            mend: "Copy or export it again.")
        }
        throw Problem(
          "not a sound file that can be read: \(String(cString: sf_strerror(nil)))", at: Place(file: bytes.path),
          mend: "Convert it to WAV or FLAC, or leave it out.")
      }
      self.pointer = pointer
      self.bytes = bytes
      (sampleRate, channelCount) = (Int(info.samplerate), Int(info.channels))
      let container = info.format & Int32(SF_FORMAT_TYPEMASK)
      isMPEG = container == Int32(SF_FORMAT_MPEG)
      promisedFrames = info.frames < sf_count_t(1) << 40 ? Int(info.frames) : nil
      guard Reader.checked.contains(container) else {
        throw bytes.problem(
          "has a format in which truncation cannot be detected (\(Reader.name(of: container)))",
          mend: "Convert it to WAV or FLAC.")
      }
      guard Limits.channels.contains(channelCount) else {
        throw bytes.problem("has \(channelCount, "channel")", mend: "Mix it down to mono or stereo.")
      }
      guard Limits.rates.contains(sampleRate) else {
        throw bytes.problem(
          "has a sample rate of \(sampleRate) Hz",
          mend: "From \(Limits.rates.lowerBound) to \(Limits.rates.upperBound) Hz can be read; is its header intact?")
      }
    }

    deinit { sf_close(pointer) }

    /// Containers for which we can tell whether a file ends early. For the others (VOC, NIST, IRCAM, PAF, PVF, AVR,
    /// SDS, XI, MAT, MPC 2000 and more), libsndfile takes what is there to be complete.
    private static let checked = Set(
      [
        SF_FORMAT_WAV, SF_FORMAT_WAVEX, SF_FORMAT_RF64, SF_FORMAT_AIFF, SF_FORMAT_SVX, SF_FORMAT_W64, SF_FORMAT_CAF,
        SF_FORMAT_AU, SF_FORMAT_FLAC, SF_FORMAT_OGG, SF_FORMAT_MPEG,
      ].map { Int32($0) })

    /// The container's name in libsndfile.
    private static func name(of container: Int32) -> String {
      var info = SF_FORMAT_INFO()
      info.format = container
      let isKnown = sf_command(nil, Int32(SFC_GET_FORMAT_INFO), &info, Int32(MemoryLayout<SF_FORMAT_INFO>.size)) == 0
      return isKnown ? info.name.map { String(cString: $0) } ?? "unknown" : "unknown"
    }
  }

  /// Owns a libsndfile handle for writing, from open to close.
  private final class Writer {
    let pointer: OpaquePointer

    init(_ url: URL, info: SF_INFO) throws {
      var info = info
      guard let pointer = sf_open(url.path, Int32(SFM_WRITE), &info) else {
        throw Problem(
          "cannot write a sound file: \(String(cString: sf_strerror(nil)))", at: Place(file: url.path),
          mend: "Check that the folder exists and that the disk has room.")
      }
      self.pointer = pointer
    }

    deinit { sf_close(pointer) }
  }
}
