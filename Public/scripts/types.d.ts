// Types shared by the scripts. No page loads this file; it is for the type check (`tsc`) and for editors.

/**
 * The server's JSON, as declared in Sources/Interface (`earshot openapi` prints it) and in Sources/Lab's
 * `StatusView.swift`. `Tests/Browser/test_types.py` checks a running server against it.
 */
declare namespace Server {
  /** The body of every response to a failed request. */
  interface Refusal { error: { code: string; message: string; mend: string }; retry?: boolean }

  /** `GET /api/study` */
  interface Study {
    title: string;
    languages: string[];
    /** By language. HTML, except `title` and `agree`. */
    texts: Record<string, { title: string; welcome: string; consent: string; agree: string; pages?: Record<string, string>; logo?: Logo }>;
    open: boolean;
    /** Why newcomers are not admitted, and when they will be (ISO 8601), if that is known. */
    closed?: Closed;
    opens_at?: string;
    /** What the experimenter tells those who are turned away. */
    message?: string;
    /** Whether the study has something to tell people who decline to take part. */
    declines?: boolean;
    /** Whether listeners can return by the code shown on break pages. */
    takes_codes?: boolean;
    /** Whether only those are admitted whose link says who they are, by an id or an invitation. */
    needs_link?: boolean;
    minutes: number;
    questions: number;
    trials: number;
    /** In a preview: the number of the participant whose session is shown. */
    preview?: number;
  }

  /** A picture at the top of the pages. Its URLs are relative to the study's root. */
  interface Logo { address: string; dark?: string; text: string }

  type Closed = "paused" | "early" | "hours" | "over" | "taken" | "full";

  /** `GET /api/sessions/TOKEN` */
  interface Session {
    study: SessionStudy;
    state: "active" | "finished" | "ended" | "screened_out";
    done: Done;
    trials: Trial[];
    blocks: Block[];
    parts: Part[];
    elapsed_ms: number;
    finish: Finish | null;
    preview?: number;
  }

  /** What a session's pages show, in its language. */
  interface SessionStudy {
    title: string;
    language: string;
    pages?: Record<string, string>;
    headphones: { check: boolean; kind?: "huggins"; attempts?: number; max_plays?: number; rounds: Round[]; required: boolean };
    volume: { audio: string };
    /** Whether the study says something to those who stop before the end. */
    may_withdraw?: boolean;
    /** What happens to the answers of those who stop. Omitted if they are kept. */
    withdrawn_answers?: "deleted" | "asked";
    logo?: Logo;
  }

  interface Scale { kind: "slider" | "likert"; min: number; max: number; low: string; high: string; show_value: boolean }

  interface Question {
    id: string;
    kind: "text" | "long_text" | "number" | "choice" | "choices" | "scale" | "date";
    text: string;
    required: boolean;
    /**
     * The permitted range. For a number: its value; for a text: its length in characters; for `choices`: how many are
     * chosen; for a scale: its points.
     */
    min?: number;
    max?: number;
    /** The permitted range of a date, as `2024-12-31`. */
    earliest?: string;
    latest?: string;
    /** The words at the ends of a scale. */
    low?: string;
    high?: string;
    /** The question is asked only if all of these hold. */
    shown_if?: { question: string; values: string[] }[];
    /** `exclusive`: whether the option can only be chosen alone. */
    options: { value: string; text: string; exclusive?: boolean }[];
  }

  /** A verbal scale, from best to worst. If `labels` is empty, the page's own words are used. */
  interface Words { name: string; question: string; labels: string[] }

  /** A run of trials of one type. `question` may contain `{condition}`. */
  interface Block { name: string; question: string; scale: Scale; is_aligned?: boolean; is_set?: boolean; from_start?: boolean; scales?: Words[]; allows_neither?: boolean; max_plays?: number; gives_feedback?: boolean; takes_comments?: boolean; while_playing?: boolean; must_hear_ms?: number; must_hear_share?: number; compare_ms?: number }

  /** A step of the session: instructions and breaks have `html`, questionnaires have `questions`. */
  interface Part extends Numbered { html?: string; questions?: Question[]; least_s?: number; code?: string }

  /** A round of the headphone check. */
  interface Round { index: number; audio: string; kind?: "sides" }

  interface Trial {
    index: number;
    kind: "similarity" | "triplet" | "mushra" | "bs1116" | "acr" | "dcr" | "ccr" | "ab" | "abx" | "rank" | "pairwise" | "odd-one-out" | "sort";
    /** The index of its block in `blocks`, from 0. */
    block: number;
    training: boolean;
    condition: string;
    condition_text: string;
    query: string | null;
    candidates: { position: string; audio: string }[];
    /** How long the trial is expected to take. */
    seconds: number;
  }

  /** What the browser reports about the playback device. */
  interface PlayingDevice { rate_hz?: number; channels?: number; latency_ms?: number }
  /** Steps of a session other than trials. */
  type Step = "questionnaire" | "volume" | "headphones" | "instructions" | "break";

  /** `number` is a trial's index, the position of a block (from 1) for its steps, and otherwise 0. */
  interface Numbered { step: Step | "trial"; number: number }

  type Done = Record<Exclude<Step, "break">, boolean> & { trials: number[]; further: Numbered[] };

  /** How a session ends before its last step. */
  type Outcome = "no_consent" | "quota_full" | "screened_out" | "withdrawn" | "study_changed";

  /**
   * `outcome` is set if the session ended before the last step. `text` is then empty if the study says nothing about
   * it.
   */
  interface Finish { text: string; redirect: string | null; code?: string; outcome?: Outcome }

  /** `POST /api/sessions` */
  interface Join { key: string; language: string; consent: boolean; parameters: [string, string][] }

  /** `POST /api/sessions/TOKEN/responses` */
  interface Answer {
    key: string;
    step: Step | "trial";
    trial?: number;
    number?: number;
    /** For the volume step. */
    device?: PlayingDevice;
    response_ms?: number;
    /** For a trial, if its block takes comments. */
    comment?: string;
    /** For trial types in which listeners choose one of the sounds. */
    choice?: string;
    /** For trial types with one rating for all sounds of a page. */
    rating?: number;
    /** For sorting. */
    groups?: { positions: string[]; name: string }[];
    heard?: { position: string; plays: number; listened_ms: number }[];
    ratings?: { position: string; rating: number; scale?: string; plays: number; listened_ms: number }[];
    /** For a questionnaire, by question; for the headphone check, by round. */
    answers?: Record<string, Value> | number[];
  }

  type Value = string | number | string[];

  /** `POST /api/sessions/TOKEN/events`. A batch of events does not answer a step. */
  interface Events { key: string; events: Happening[]; step?: never; trial?: never; number?: never }

  interface Happening {
    at_ms: number;
    kind: "play" | "stop" | "rate" | "focus" | "blur" | "visible" | "hidden" | "reconnect" | "output" | "error";
    trial: number | null;
    stimulus: string | null;
    value: number | string | null;
  }

  /** `POST /api/sessions/TOKEN/refused`. `key` and `body` are those of the refused request. */
  interface Refused { key: string; step?: string; trial?: number; number?: number; status: number; code: string; body: string }

  /**
   * The response to any of these three. For events, and for refusals after a change of the study, it contains only
   * `saved`.
   */
  interface Saved { saved: true; passed?: boolean; right?: boolean; done?: Done; finish?: Finish | null }

  /** `GET /lab/api/status` */
  interface Status {
    me: { name: string; role: "owner" | "reader" };
    study: string;
    study_version: string;
    title: string;
    trials_per_participant: number;
    saves: number;
    errors: number;
    /** How many seconds ago `records` was counted. */
    counted_ago: number;
    closed?: Closed;
    /** Set if the study wants a certain number of listeners. */
    places?: { wanted: number; passed: number; held: number };
    /** What to tell those who are turned away. */
    message: string;
    /** Free space in MB, set if the disk is nearly full. */
    disk_free_mb?: number;
    report?: { state: "working" | "ready" | "failed"; asked_at: string; asked_by?: string; why?: string; blocks?: string[] };
    conditions: Record<string, string>;
    invitations: { title: string; link: string; advice: string }[];
    /** The tables that not every study has. */
    tables: string[];
    records: Overview;
  }

  interface Overview {
    joined: number;
    active: number;
    finished: number;
    ended: number;
    excluded: number;
    flagged: number;
    away: number;
    away_before_trials: number;
    median_minutes?: number;
    responses: number;
    ratings: number;
    events: number;
    answers_refused: number;
    events_refused: number;
    spoilt_links: number;
    further_sittings: number;
    is_paused: boolean;
    coverage: Coverage[];
    checks: {
      headphones: number;
      headphones_passed: number;
      catches: number;
      catches_passed: number;
      repeats: number;
      repeat_difference?: number;
    };
    participants: Participant[];
  }

  interface Coverage { query: string; condition: string; pages: number; ratings: number }

  interface Participant {
    participant: number;
    state: "finished" | "ended" | "active" | "away";
    outcome?: Outcome;
    flags?: string;
    session: number;
    excluded?: string;
    trials_done: number;
    started_at: string;
    last_seen_at: string;
    finished_at?: string;
    headphone_check?: "passed" | "failed";
    language: string;
    recruited_from?: string;
    link_notes?: string;
    sitting: number;
    study_version: string;
    external_id?: string;
    group?: string;
  }

  interface Get {
    (path: "/api/study"): Promise<Study>;
    (path: `/api/sessions/${string}`): Promise<Session>;
    (path: "/lab/api/status"): Promise<Status>;
    (path: "/lab/api/pages"): Promise<PageFigures[]>;
    (path: `/lab/api/participants?text=${string}`): Promise<Participant[]>;
    (path: `/lab/api/sessions/${number}`): Promise<Timeline>;
  }

  /** `tags`: the ETags of what is already known, by path. The result is null if nothing has changed. */
  interface GetIfNew {
    (path: "/lab/api/status", tags: Map<string, string>): Promise<Status | null>;
    (path: "/lab/api/overview", tags: Map<string, string>): Promise<HouseEntry[] | null>;
  }

  /** One of several studies on a server. A study that is not served has `trouble` and no figures. */
  interface HouseEntry {
    name: string;
    title: string;
    trouble?: string;
    closed?: Closed;
    wanted?: number;
    passed?: number;
    joined?: number;
    active?: number;
    finished?: number;
    saves?: number;
    errors?: number;
  }

  interface PageFigures { step: string; number: number; answered: number; left: number; median_seconds?: number }

  interface Timeline {
    participant: Participant;
    entries: { at: string; what: string; step?: string; number?: number; response_ms?: number; why?: string; who?: string }[];
  }

  interface Post {
    (path: "/api/sessions", body: Join): Promise<{ token: string }>;
    (path: "/api/return", body: { key: string; code: string }): Promise<{ token: string }>;
    (path: "/api/leave", body: { outcome: Outcome; language: string; parameters: [string, string][] }): Promise<Finish>;
    (path: `/api/sessions/${string}/withdraw`, body: { delete?: boolean }): Promise<Finish>;
    (path: SubmissionPath, body: Answer | Events | Refused): Promise<Saved>;
    (path: "/lab", body: { secret: string } | { name: string; password: string }): Promise<{ name: string; role: "owner" | "reader" }>;
    (path: "/sign-out", body: {}): Promise<unknown>;
    (path: "/lab/api/purge", body: { session: number; participant: number }): Promise<unknown>;
    (path: "/lab/api/message", body: { message: string }): Promise<unknown>;
    (path: "/lab/api/report", body: {}): Promise<unknown>;
    (path: "/lab/api/pause", body: { paused: boolean }): Promise<{ paused: boolean }>;
    (path: "/lab/api/exclude", body: { session: number; excluded: boolean; reason: string }): Promise<unknown>;
  }

  type SubmissionPath = `/api/sessions/${string}/${"responses" | "events" | "refused"}`;
}

// Types used by many scripts, each from the script that defines it.
type Words = import("./words.js").Words;
/** A message with placeholders, called with a value for each. */
type Message<Names extends string[]> = ((...values: { [K in keyof Names]: string | number }) => string) & { names: Names };
type Player = import("./player.js").Player;
type Heard = import("./player.js").Heard;
type Page<Told> = import("./pages/page.js").Page<Told>;
type TrialPage = import("./trials/registry.js").TrialPage;
type TrialParts = import("./trials/registry.js").TrialParts;

/** An event target with typed events: the detail by the kind of event. */
interface Emitter<Fired> {
  addEventListener<K extends keyof Fired>(kind: K, listener: (event: CustomEvent<Fired[K]>) => void): void;
  removeEventListener<K extends keyof Fired>(kind: K, listener: (event: CustomEvent<Fired[K]>) => void): void;
  dispatchEvent(event: CustomEvent<Fired[keyof Fired]>): boolean;
}

// Newer than the type checker's own declarations.
interface FileSystemDirectoryHandle { keys(): AsyncIterable<string> }
interface FileSystemFileHandle { createWritable(): Promise<FileSystemWritableFileStream> }
interface FileSystemWritableFileStream { write(data: BufferSource | Blob): Promise<void>; close(): Promise<void>; abort(): Promise<void> }

/** For Internet Explorer. */
interface Navigator { userLanguage?: string }

// The service worker's scope is not a window, but the compiler supports only one kind of scope.
interface FetchEvent extends Event { readonly request: Request; respondWith(answer: Promise<Response>): void }
interface WindowEventMap { fetch: FetchEvent }
