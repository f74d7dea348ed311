// Virtual time: what is due happens in order of time, and of asking within one millisecond. Nothing takes time but waiting.

interface Task {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

export class VirtualClock {
  private nowInMs = 0;
  private order = 0;
  /** Sorted, the next one last. */
  private readonly tasks: Task[] = [];

  /** Milliseconds since the world began. */
  get nowMs(): number {
    return this.nowInMs;
  }

  /** Runs something at a time, at the earliest after everything that is due now. @returns what `cancel` takes */
  at(atMs: number, run: () => void): object {
    const task = { atMs: Math.max(atMs, this.nowInMs), order: this.order++, run };
    let place = 0;
    for (let end = this.tasks.length; place < end; ) {
      const middle = (place + end) >> 1;
      if ((this.tasks[middle] as Task).atMs <= task.atMs) end = middle;
      else place = middle + 1;
    }
    this.tasks.splice(place, 0, task);
    return task;
  }

  cancel(task: object): void {
    const place = this.tasks.indexOf(task as Task);
    if (place >= 0) this.tasks.splice(place, 1);
  }

  /** Forgets everything that is due later. */
  clear(): void {
    this.tasks.length = 0;
  }

  /** Time of the next task, or Infinity. */
  get nextMs(): number {
    return this.tasks[this.tasks.length - 1]?.atMs ?? Infinity;
  }

  /** Runs the next task, at its time. */
  runNext(): void {
    const task = this.tasks.pop();
    if (!task) return;
    this.nowInMs = task.atMs;
    task.run();
  }

  /** Lets time pass to `atMs` when nothing is due before. */
  skipTo(atMs: number): void {
    if (atMs > this.nowInMs) this.nowInMs = atMs;
  }
}
