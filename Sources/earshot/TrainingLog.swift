import Basics
import Foundation
import Training

/// Reports the progress of training: a line that is rewritten if standard error is a terminal, and always one line per
/// validation.
final class TrainingLog {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var lastShown = ContinuousClock.now - .seconds(60)
  private var latest: TrainingEvent.Step?

  private let bar = ProgressBar("first mixes")

  /// For the mixes that are made before the first step.
  var filling: ProgressHandler { bar.handler }

  func tell(_ event: TrainingEvent) {
    switch event {
    case .began(let beginning):
      bar.finish()
      line(
        "\(beginning.step > 0 ? "Continuing after step \(beginning.step) with" : "Training") "
          + "\(beginning.parameterCount) parameters by libtorch \(beginning.torchVersion); "
          + String(
            format: "%d validation queries among %d one-shots (chance MRR %.3f).", beginning.queryCount,
            beginning.poolSize, beginning.chance))
    case .stepped(let step):
      latest = step
      let now = ContinuousClock.now
      guard isTerminal, now - lastShown > .milliseconds(250) else { return }
      lastShown = now
      write("\r\u{1b}[2K" + status(step))
    case .validated(let milestone, let isBest):
      let left = latest.map { ", \(Self.time($0.left)) left at most" } ?? ""
      let classes = milestone.score.mrr.map { String(format: "%.3f", $0) }.joined(separator: " ")
      line(
        String(
          format: "step %6d  loss %.4f  validation MRR %.3f (%@)  hit@5 %.3f  ", milestone.step, milestone.loss,
          milestone.score.meanMRR, classes, milestone.score.meanFirstFive) + "after \(Self.time(milestone.elapsed))"
          + (isBest ? ", the best so far" : "") + left)
    case .saved: break
    }
  }

  func finish() { if isTerminal { write("\r\u{1b}[2K") } }

  /// What was trained, measured and written.
  static func summary(_ result: TrainingResult, conditions: [String], model: URL, bytes: Int) -> String {
    var lines = [
      result.end == .early
        ? "Stopped early after step \(result.steps): no better validation since step \(result.bestStep)."
        : "Trained \(result.steps, "step") in \(time(result.elapsed)); the best state is that of step \(result.bestStep)."
    ]
    if let best = result.best {
      lines.append("class      MRR    hit@1  hit@5   (validation)")
      for (c, name) in conditions.enumerated() {
        lines.append(
          name.padding(toLength: 9, withPad: " ", startingAt: 0)
            + String(format: "%6.3f %8.3f %6.3f", best.mrr[c], best.first[c], best.firstFive[c]))
      }
      lines.append("mean     " + String(format: "%6.3f %8.3f %6.3f", best.meanMRR, best.meanFirst, best.meanFirstFive))
    }
    if let check = result.readBack {
      lines.append(
        String(
          format: "Read back without libtorch: embeddings differ by at most %.1e, %d rankings are the same.",
          check.largestDifference, check.rankingCount))
    }
    lines.append(
      String(
        format: "The model is in %@ (%.2f MB), its card in %@.", model.relativePath, Double(bytes) / 1e6,
        ModelCard.url(of: model).relativePath))
    return lines.joined(separator: "\n")
  }

  private func status(_ step: TrainingEvent.Step) -> String {
    let best = step.best.map { String(format: "  best MRR %.3f", $0.meanMRR) } ?? ""
    return String(
      format: "step %d  %2.0f %%  loss %.4f  right in batch %.0f %%%@  %@ left", step.step, 100 * step.share, step.loss,
      100 * step.accuracy, best, Self.time(step.left))
  }

  private static func time(_ seconds: Double) -> String {
    let whole = Int(max(0, seconds).rounded(.up))
    return whole < 60
      ? "\(whole) s" : whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole / 60 % 60) min"
  }

  private func line(_ text: String) { write((isTerminal ? "\r\u{1b}[2K" : "") + text + "\n") }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
