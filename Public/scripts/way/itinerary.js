// Progress: the number of each trial, how long the rest takes this listener, and how much is done.

/** Expected times of everything except trials, in seconds, as the server calculates them too. */
const secondsEach = { question: 8, round: 8, volume: 30, instructions: 60 };

/** @param {Pick<import("../way.js").WayParts, "session" | "words">} parts */
export function itineraryOf({ session, words }) {
  const { study, trials } = session;
  const pace = paceOf();
  /** @param {Server.Trial[]} some */
  const seconds = (some) => some.reduce((sum, trial) => sum + trial.seconds, 0);
  const whole = seconds(trials);
  const training = trials.filter((trial) => trial.training).length;
  return {
    took: pace.took,
    /** @param {Server.Part} part @returns {string} how long it takes from there to the end */
    left(part) {
      let [heard, other] = [0, 0];
      for (const { step, number, questions } of session.parts.slice(session.parts.indexOf(part))) {
        if (step === "trial") heard += trials.find(({ index }) => index === number)?.seconds ?? 0;
        else if (step === "questionnaire") other += secondsEach.question * (questions?.length ?? 0);
        else if (step === "headphones") other += number === 0 ? secondsEach.round * study.headphones.rounds.length / (study.headphones.attempts ?? 1) : 0;
        else if (step !== "break") other += secondsEach[step];
      }
      return words.trial.left(Math.round((pace.expected(heard) + other) / 60));
    },
    /** @param {Server.Trial} trial @returns {number} the share of the trials' total time that precedes it */
    doneBefore: (trial) => 1 - seconds(trials.filter(({ index }) => index >= trial.index)) / whole,
    /** @param {Server.Trial} trial its number in words: practice and main trials are numbered separately */
    nameOf(trial) {
      const alike = trials.filter((one) => one.training === trial.training).indexOf(trial) + 1;
      return trial.training ? (training > 1 ? words.trial.practice(alike, training) : words.trial.practiceOnly) : words.trial.number(alike, trials.length - training);
    },
  };
}

/** Learns the listener's pace, and relies on the study's own estimate less with every trial. */
function paceOf() {
  const trusted = 120;
  let expected = trusted;
  let taken = trusted;
  return {
    /** @param {Server.Trial} trial @param {number} seconds */
    took(trial, seconds) {
      expected += trial.seconds;
      taken += Math.min(seconds, 4 * trial.seconds); // Somebody who gets a coffee is not slow.
    },
    /** @param {number} seconds */
    expected: (seconds) => (seconds * taken) / expected,
  };
}
