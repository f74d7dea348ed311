// Virtual time. Tasks run in order of their time, and within one millisecond in the order in which they were asked for. Only waiting takes time.

interface Task {
  readonly atMs: number;
  readonly order: number;
  /** Undefined once the task is cancelled. */
  run: (() => void) | undefined;
}

export class VirtualClock {
  private nowInMs = 0;
  private order = 0;
  /** A binary heap: no task is due before its parent. */
  private readonly tasks: Task[] = [];

  /** Milliseconds since the world began. */
  get nowMs(): number {
    return this.nowInMs;
  }

  /** Runs a task at a time, at the earliest after all tasks that are due now. @returns a handle for `cancel` */
  at(atMs: number, run: () => void): object {
    const task = { atMs: Math.max(atMs, this.nowInMs), order: this.order++, run };
    let place = this.tasks.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (isBefore(this.tasks[parent] as Task, task)) break;
      this.tasks[place] = this.tasks[parent] as Task;
      place = parent;
    }
    this.tasks[place] = task;
    return task;
  }

  cancel(task: object): void {
    (task as Task).run = undefined;
  }

  /** Cancels all tasks. */
  clear(): void {
    this.tasks.length = 0;
  }

  /** Time of the next task, or Infinity. */
  get nextMs(): number {
    while (this.tasks[0] && !this.tasks[0].run) this.removeFirst();
    return this.tasks[0]?.atMs ?? Infinity;
  }

  /** Runs the next task, at its time. */
  runNext(): void {
    if (this.nextMs === Infinity) return;
    const task = this.removeFirst();
    this.nowInMs = task.atMs;
    task.run?.();
  }

  /** Moves the time to `atMs`. No task may be due before. */
  skipTo(atMs: number): void {
    if (atMs > this.nowInMs) this.nowInMs = atMs;
  }

  private removeFirst(): Task {
    const { tasks } = this;
    const first = tasks[0] as Task;
    const last = tasks.pop() as Task;
    if (tasks.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      const right = tasks[child + 1];
      if (right && isBefore(right, tasks[child] as Task)) child++;
      const next = tasks[child];
      if (!next || isBefore(last, next)) break;
      tasks[place] = next;
      place = child;
    }
    tasks[place] = last;
    return first;
  }
}

function isBefore(one: Task, two: Task): boolean {
  return one.atMs < two.atMs || (one.atMs === two.atMs && one.order < two.order);
}
