import Testing
import Training

@Suite("Batches") struct BatchMakerTests {
  private func settings() -> TrainingSettings {
    var settings = TrainingSettings()
    settings.batch = 4
    settings.bank = 12
    settings.fresh = 3
    settings.seconds = 1
    return settings
  }

  @Test("a training that is resumed midway gets the batches that it would have got")
  func resumes() throws {
    let whole = try BatchMaker(MadeSource(), settings())
    let batches = try (1...6).map { _ in try whole.batch() }
    let rest = try BatchMaker(MadeSource(), settings(), from: 4)
    for step in 4...6 { #expect(try rest.batch() == batches[step - 1]) }
    #expect(batches[0] != batches[1])
  }

  @Test("another seed gives other batches, the same seed the same")
  func seeds() throws {
    var other = settings()
    other.seed = 2
    let first = try BatchMaker(MadeSource(), settings()).batch()
    #expect(try BatchMaker(MadeSource(), settings()).batch() == first)
    #expect(try BatchMaker(MadeSource(), other).batch() != first)
  }

  @Test("without a bank all mixes are new")
  func withoutBank() throws {
    var plain = settings()
    plain.bank = 0
    let maker = try BatchMaker(MadeSource(), plain)
    let batch = try maker.batch()
    #expect(batch.mixCount == 4)
    #expect(batch.mixes.count == 4 * batch.mixFrames * plain.mel.mels)
    #expect(try maker.batch() != batch)
  }

  @Test("each mix has a one-shot of every class, followed by negatives that play in no mix")
  func shape() throws {
    var more = settings()
    more.extraNegatives = 2
    let batch = try BatchMaker(MadeSource(), more).batch()
    #expect(batch.hitCount == 3 * 4 + 3 * 2)
    for mix in 0..<4 {
      let conditions = batch.hitMix.indices.filter { batch.hitMix[$0] == mix }.map { batch.hitCondition[$0] }
      #expect(conditions == [0, 1, 2])
    }
    #expect(batch.hitMix.filter { $0 == -1 }.count == 6)
    #expect(batch.hits.count == batch.hitCount * more.mel.mels * more.mel.hitFrames)
  }

  @Test("twins follow the one-shots of their mix, change nothing else, and belong to no mix")
  func twins() throws {
    var paired = settings()
    paired.twins = 1
    let plain = try BatchMaker(MadeSource(), settings()).batch(), batch = try BatchMaker(MadeSource(), paired).batch()
    #expect(batch.mixes == plain.mixes)
    #expect(batch.hitCount == 2 * plain.hitCount)
    let isTwin = batch.hitIdentity.map { $0 == TrainingBatch.twin }
    #expect(isTwin == (0..<batch.hitCount).map { $0 % 6 >= 3 })
    #expect(zip(batch.hitMix, isTwin).allSatisfy { ($0 == -1) == $1 })
    let size = paired.mel.mels * paired.mel.hitFrames
    let hits = (0..<batch.hitCount).map { Array(batch.hits[$0 * size..<($0 + 1) * size]) }
    #expect(hits.indices.filter { !isTwin[$0] }.flatMap { hits[$0] } == plain.hits)
    for h in hits.indices where isTwin[h] { #expect(hits[h] != hits[h - 3]) }
    paired.twins = 0.5
    let some = try BatchMaker(MadeSource(), paired).batch()
    #expect(plain.hitCount < some.hitCount && some.hitCount < batch.hitCount)
    paired.kind = .classification
    #expect(try BatchMaker(MadeSource(), paired).batch().hitCount == plain.hitCount)
  }

  @Test("if several drums of a class play, each is the right one in turn, and never a negative of its mix")
  func companions() throws {
    var source = MadeSource(), plain = settings()
    source.drums = 2
    plain.bank = 4
    plain.fresh = 1
    let maker = try BatchMaker(source, plain)
    var seen: Set<[Int32]> = []
    for _ in 0..<8 {
      let batch = try maker.batch()
      #expect(batch.hitMix == (0..<12).map { Int32($0 / 3) } && batch.hitCondition == (0..<12).map { Int32($0 % 3) })
      seen.insert(batch.hitIdentity)
    }
    #expect(seen.count == 8)
  }

  @Test("a network of one-shots alone gets no mixes")
  func autoencoder() throws {
    var alone = settings()
    alone.kind = .autoencoder
    #expect(try BatchMaker(MadeSource(), alone).batch().mixes.isEmpty)
  }
}
