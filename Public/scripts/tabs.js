// A sitting runs in only one tab. BroadcastChannel is used rather than Web Locks because listening labs often serve
// over plain HTTP in their own network, where browsers offer no locks.

const answerMs = 200;

/** @param {string} token @returns {BroadcastChannel | null} null if the browser has none, or allows none, as Firefox without cookies */
function channelOf(token) {
  try {
    return new BroadcastChannel(`earshot/${token}`);
  } catch {
    return null;
  }
}

/**
 * @param {string} token the session
 * @returns {{free: Promise<boolean>, takeOver: () => void, lost: Promise<void>, close: () => void}}
 *   `free`: whether no other tab has it; `takeOver`: makes the other tab release it; `lost`: another tab took it over
 */
export function claimTab(token) {
  const channel = channelOf(token);
  if (!channel) return { free: Promise.resolve(true), takeOver() {}, lost: new Promise(() => {}), close() {} };
  let holds = false;
  let lose = () => {};
  /** @type {Promise<void>} */
  const lost = new Promise((resolve) => { lose = resolve; });
  const free = new Promise((resolve) => {
    const timer = setTimeout(() => { holds = true; resolve(true); }, answerMs);
    channel.addEventListener("message", ({ data }) => {
      if (data === "held" && !holds) {
        clearTimeout(timer);
        resolve(false);
      } else if (data === "anyone?" && holds) {
        channel.postMessage("held");
      } else if (data === "mine" && holds) {
        holds = false;
        lose();
      }
    });
    channel.postMessage("anyone?");
  });
  return {
    free,
    lost,
    takeOver() {
      channel.postMessage("mine");
      holds = true;
    },
    close() {
      holds = false;
      channel.close();
    },
  };
}
