/**
 * When somebody speaks: frames well above an adaptive noise floor that are neither a tone nor steady noise, joined to
 * stretches.
 *
 * A frame's class stays open for 300 ms, because only what follows shows whether it began a tone (which the tone
 * layer then claims) or steady noise (whose level then becomes the floor). What is told before that is provisional and
 * computed anew with every frame.
 */
/** Frames whose class may still change. */
const OPEN_FRAMES = 15;
/** A frame is active this far above the floor. */
const MARGIN_DB = 7;
/** Nothing below this is speech, whatever the floor. */
const MIN_ACTIVE_DBFS = -52;
/** The floor before anything is known, and its lowest: digital silence is no room. */
const INITIAL_FLOOR_DBFS = -62;
/** Frames below this carry no noise of the line: silence suppressed by the sender, or lost. */
const SUPPRESSED_DBFS = -75;
/** Level's standard deviation over 300 ms below which it is noise. White noise has 0.6, pink 0.8, speech 3 and more. */
const STEADY_DEVIATION_DB = 1.25;
/**
 * Share of the strongest line above which a steady stretch is a vowel and not noise. Measured over 300 ms: white noise
 * at most 0.13, pink 0.33, steady stretches of speech at least 0.57.
 */
const MAX_NOISE_LINE_SHARE = 0.45;
/** Where no line stands out as it does in any voice, noise may waver more: one stretch of pink noise in fifty does. */
const FLAT_LINE_SHARE = 0.36;
const FLAT_STEADY_DEVIATION_DB = 2;
/** Noise that a tone breaks off is judged by what there was of it, if it was this long. */
const MIN_NOISE_BEFORE_TONE_FRAMES = 8;
/** Humming machines have lines too; no voice holds its level for a second. */
const LONG_STEADY_FRAMES = 50;
const LONG_STEADY_DB = 2;
/** Quiet frames inside a stretch that do not end it: stops and breaths within a phrase. */
const BRIDGED_FRAMES = 10;
/** Active frames below which a stretch is a click. */
const MIN_STRETCH_FRAMES = 4;

const QUIET = 0;
const ACTIVE = 1;

/** Speech from the first to the last active frame, pauses of up to 200 ms included. */
export interface SpeechStretch {
  readonly startFrame: number;
  /** The first frame after it. */
  readonly endFrame: number;
}

/** What has been heard since the start or the last `restart`, up to the newest frame. */
export interface SpeechView {
  /** Stretches, joined pauses of up to 200 ms. */
  stretches: number;
  /** First active frame of all. */
  firstFrame: number;
  /** First frame after the last active one. */
  lastFrame: number;
  /** Frames of all stretches together. */
  speechFrames: number;
  /** First frame of the stretch under way or last heard, and the pause before it. */
  stretchStartFrame: number;
  isSpeaking: boolean;
}

/** The joining of frames to stretches; small, so that it can be copied and run ahead over the open frames. */
interface Joiner extends SpeechView {
  active: number;
  gap: number;
}

export class VoiceActivity {
  #frame = 0;
  #floorDbfs = INITIAL_FLOOR_DBFS;
  readonly #levels = new Float64Array(OPEN_FRAMES);
  readonly #lineShares = new Float64Array(OPEN_FRAMES);
  readonly #classes = new Uint8Array(OPEN_FRAMES);
  #heldDbfs = 0;
  #heldFrames = 0;
  /** Frames since the last restart, up to `OPEN_FRAMES`. */
  #open = 0;
  /** Frames in a row that may be steady noise. */
  #steadyCandidates = 0;
  #isTone = false;
  readonly #settled: Joiner = emptyJoiner(0);
  readonly #view: Joiner = emptyJoiner(0);
  /** The stretch that has just been settled as over. */
  closed: SpeechStretch | undefined;

  /** Level of the steady noise, dBFS. */
  get floorDbfs(): number {
    return this.#floorDbfs;
  }

  /** What has been heard up to the newest frame; overwritten by the next one. */
  get view(): Readonly<SpeechView> {
    return this.#view;
  }

  /** Forgets what was heard, not how loud the line's noise is; `frame` is the next frame's number. */
  restart(frame: number): void {
    this.#frame = frame;
    this.#open = 0;
    Object.assign(this.#settled, emptyJoiner(frame));
    Object.assign(this.#view, this.#settled);
    this.closed = undefined;
  }

  /**
   * Takes the newest frame's level within the telephone band and its strongest line's share. `toneFrames`: so many of
   * the newest frames are a tone.
   */
  update(levelDbfs: number, lineShare: number, toneFrames: number): void {
    if (this.#open === OPEN_FRAMES) this.#settle();
    const slot = this.#frame % OPEN_FRAMES;
    this.#levels[slot] = levelDbfs;
    this.#lineShares[slot] = lineShare;
    const isActive = levelDbfs > Math.max(this.#floorDbfs + MARGIN_DB, MIN_ACTIVE_DBFS);
    this.#classes[slot] = isActive ? ACTIVE : QUIET;
    this.#frame++;
    this.#open = Math.min(OPEN_FRAMES, this.#open + 1);
    for (let back = 0; back < Math.min(toneFrames, this.#open); back++)
      this.#classes[this.#slot(back)] = QUIET;
    if (toneFrames > 0 && !this.#isTone) this.#judgeNoiseBefore(toneFrames);
    this.#isTone = toneFrames > 0;
    this.#followFloor(levelDbfs, isActive, toneFrames > 0);
    this.#lookAhead();
  }

  #slot(back: number): number {
    return (this.#frame - 1 - back + 2 * OPEN_FRAMES) % OPEN_FRAMES;
  }

  #followFloor(levelDbfs: number, isActive: boolean, isTone: boolean): void {
    if (isTone || levelDbfs < SUPPRESSED_DBFS) {
      this.#steadyCandidates = 0;
      return;
    }
    this.#steadyCandidates++;
    if (levelDbfs < this.#floorDbfs) this.#floorDbfs += 0.2 * (levelDbfs - this.#floorDbfs);
    else if (!isActive) this.#floorDbfs += 0.08 * (levelDbfs - this.#floorDbfs);
    this.#floorDbfs = Math.max(INITIAL_FLOOR_DBFS, this.#floorDbfs);
    this.#hold(levelDbfs);
    // The floor may have crept up on noise already, with earlier frames of it still taken for speech.
    if (!isActive && !this.#classes.includes(ACTIVE)) return;
    if (this.#steadyCandidates < OPEN_FRAMES || this.#open < OPEN_FRAMES) return;
    const noiseDbfs =
      this.#heldFrames >= LONG_STEADY_FRAMES ? this.#heldDbfs : this.#steadyNoise(0, OPEN_FRAMES);
    if (noiseDbfs === undefined) return;
    this.#floorDbfs = noiseDbfs;
    this.#classes.fill(QUIET);
  }

  /** How long the level has stayed where it is. */
  #hold(levelDbfs: number): void {
    if (Math.abs(levelDbfs - this.#heldDbfs) > LONG_STEADY_DB) {
      this.#heldDbfs = levelDbfs;
      this.#heldFrames = 0;
    } else {
      this.#heldFrames++;
      this.#heldDbfs += 0.1 * (levelDbfs - this.#heldDbfs);
    }
  }

  /** A line's noise that had no time to be known as such before a tone began is no speech either. */
  #judgeNoiseBefore(toneFrames: number): void {
    const frames = this.#open - toneFrames;
    if (frames < MIN_NOISE_BEFORE_TONE_FRAMES) return;
    const noiseDbfs = this.#steadyNoise(toneFrames, frames);
    if (noiseDbfs === undefined) return;
    this.#floorDbfs = Math.max(this.#floorDbfs, noiseDbfs);
    this.#classes.fill(QUIET);
  }

  /** The level of `frames` open frames, the newest `newer` left out, when they are nothing but noise. */
  #steadyNoise(newer: number, frames: number): number | undefined {
    let sum = 0;
    let squares = 0;
    let lines = 0;
    for (let back = newer; back < newer + frames; back++) {
      const level = this.#levels[this.#slot(back)] as number;
      sum += level;
      squares += level * level;
      lines += this.#lineShares[this.#slot(back)] as number;
    }
    const mean = sum / frames;
    const lineShare = lines / frames;
    const limitDb = lineShare <= FLAT_LINE_SHARE ? FLAT_STEADY_DEVIATION_DB : STEADY_DEVIATION_DB;
    const isSteady = squares / frames - mean * mean <= limitDb * limitDb;
    return isSteady && lineShare <= MAX_NOISE_LINE_SHARE ? mean : undefined;
  }

  /** The oldest open frame's class is final. */
  #settle(): void {
    this.closed = undefined;
    const oldest = this.#frame - OPEN_FRAMES;
    const before = this.#settled.isSpeaking;
    const startFrame = this.#settled.stretchStartFrame;
    join(this.#settled, oldest, this.#classes[oldest % OPEN_FRAMES] === ACTIVE);
    if (before && !this.#settled.isSpeaking && this.#settled.active >= MIN_STRETCH_FRAMES) {
      this.closed = { startFrame, endFrame: this.#settled.lastFrame };
    }
  }

  #lookAhead(): void {
    const view = this.#view;
    copyJoiner(this.#settled, view);
    for (let back = this.#open - 1; back >= 0; back--) {
      join(view, this.#frame - 1 - back, this.#classes[this.#slot(back)] === ACTIVE);
    }
  }
}

function emptyJoiner(frame: number): Joiner {
  return {
    stretches: 0,
    firstFrame: -1,
    lastFrame: frame,
    speechFrames: 0,
    stretchStartFrame: frame,
    isSpeaking: false,
    active: 0,
    gap: 0,
  };
}

function copyJoiner(from: Joiner, to: Joiner): void {
  to.stretches = from.stretches;
  to.firstFrame = from.firstFrame;
  to.lastFrame = from.lastFrame;
  to.speechFrames = from.speechFrames;
  to.stretchStartFrame = from.stretchStartFrame;
  to.isSpeaking = from.isSpeaking;
  to.active = from.active;
  to.gap = from.gap;
}

function join(joiner: Joiner, frame: number, isActive: boolean): void {
  if (!isActive) {
    if (joiner.isSpeaking && ++joiner.gap > BRIDGED_FRAMES) joiner.isSpeaking = false;
    return;
  }
  if (!joiner.isSpeaking) {
    joiner.isSpeaking = true;
    joiner.stretchStartFrame = frame;
    joiner.active = 0;
    joiner.gap = 0;
  }
  joiner.active++;
  if (joiner.active < MIN_STRETCH_FRAMES) {
    joiner.gap = 0;
    return;
  }
  if (joiner.active === MIN_STRETCH_FRAMES) {
    // No click any more: all of it counts.
    joiner.stretches++;
    if (joiner.firstFrame < 0) joiner.firstFrame = joiner.stretchStartFrame;
    joiner.speechFrames += frame + 1 - joiner.stretchStartFrame;
  } else joiner.speechFrames += frame + 1 - joiner.lastFrame;
  joiner.gap = 0;
  joiner.lastFrame = frame + 1;
}
