/* A disk that fails, for the program that it is loaded into (LD_PRELOAD). It looks at what happens to files in DISK_FOLDER. The first byte of the file DISK_STATE says how the
   disk is: "r" can only be read, "f" full, "w" does not write, "v" does not write a witness, "s" does not take what was written to its
   medium, anything else is well. What a power cut would leave is kept in DISK_MEDIUM: what was written comes there when the program waits for the disk, and never where that
   fails. Linux alone. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_FILES 64

struct change {
  off_t from, bytes; /* -1 bytes: the file was cut or made longer, to `from` bytes */
};
struct file {
  char name[256];
  struct change *changes;
  size_t count, room;
};

static struct file files[MOST_FILES];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static char state(void) {
  static char *byte;
  if (!byte) {
    const char *name = getenv("DISK_STATE");
    int fd = name ? (int)syscall(SYS_openat, AT_FDCWD, name, O_RDONLY) : -1;
    byte = fd < 0 ? "." : mmap(0, 1, PROT_READ, MAP_SHARED, fd, 0);
  }
  return *byte;
}

/* The name of a file in the folder, or 0. */
static const char *inside(const char *path) {
  const char *folder = getenv("DISK_FOLDER");
  size_t length = folder ? strlen(folder) : 0;
  return length && !strncmp(path, folder, length) && path[length] == '/' && !strchr(path + length + 1, '/') ? path + length + 1 : 0;
}

/* The changes of an open file, or 0 where it does not matter. */
static struct file *fileOf(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  const char *name = inside(path);
  if (!name || strlen(name) > 255) return 0;
  for (int i = 0; i < MOST_FILES; i++) {
    if (!files[i].name[0]) strcpy(files[i].name, name);
    if (!strcmp(files[i].name, name)) return &files[i];
  }
  return 0;
}

static void note(struct file *file, off_t from, off_t bytes) {
  if (file->count == file->room) file->changes = realloc(file->changes, (file->room = 2 * file->room + 64) * sizeof *file->changes);
  file->changes[file->count++] = (struct change){from, bytes};
}

/* What was written since the last time is on the medium now. */
static void keep(struct file *file, int fd) {
  char path[4096], buffer[4096];
  snprintf(path, sizeof path, "%s/%s", getenv("DISK_MEDIUM"), file->name);
  int medium = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT, 0600);
  for (size_t i = 0; medium >= 0 && i < file->count; i++) {
    struct change *each = &file->changes[i];
    if (each->bytes < 0) syscall(SYS_ftruncate, medium, each->from);
    for (off_t done = 0; done < each->bytes;) {
      size_t more = each->bytes - done < (off_t)sizeof buffer ? (size_t)(each->bytes - done) : sizeof buffer;
      ssize_t length = pread(fd, buffer, more, each->from + done);
      if (length <= 0) break;
      syscall(SYS_pwrite64, medium, buffer, (size_t)length, each->from + done);
      done += length;
    }
  }
  if (medium >= 0) close(medium);
}

/* Whether a write fails now. */
static int refuses(struct file *file) {
  char now = file ? state() : '.';
  errno = now == 'r' ? EROFS : now == 'f' ? ENOSPC : EIO;
  return now == 'r' || now == 'f' || now == 'w' || (now == 'v' && strstr(file->name, "-witness"));
}

#define WRITE(file, length, from) \
  if (length > 0 && file) note(file, from, length); \
  pthread_mutex_unlock(&mutex); \
  return length

static ssize_t writeAt(int fd, const void *bytes, size_t count, off_t from) {
  pthread_mutex_lock(&mutex);
  struct file *file = fileOf(fd);
  if (refuses(file)) {
    pthread_mutex_unlock(&mutex);
    return -1;
  }
  ssize_t length = syscall(SYS_pwrite64, fd, bytes, count, from);
  WRITE(file, length, from);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t from) { return writeAt(fd, bytes, count, from); }
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t from) { return writeAt(fd, bytes, count, from); }

ssize_t write(int fd, const void *bytes, size_t count) {
  pthread_mutex_lock(&mutex);
  struct file *file = fileOf(fd);
  if (refuses(file)) {
    pthread_mutex_unlock(&mutex);
    return -1;
  }
  off_t from = file ? lseek(fd, 0, SEEK_CUR) : 0;
  ssize_t length = syscall(SYS_write, fd, bytes, count);
  WRITE(file, length, from);
}

static int cutTo(int fd, off_t bytes) {
  pthread_mutex_lock(&mutex);
  struct file *file = fileOf(fd);
  int outcome = refuses(file) ? -1 : (int)syscall(SYS_ftruncate, fd, bytes);
  if (outcome == 0 && file) note(file, bytes, -1);
  pthread_mutex_unlock(&mutex);
  return outcome;
}

int ftruncate(int fd, off_t bytes) { return cutTo(fd, bytes); }
int ftruncate64(int fd, off_t bytes) { return cutTo(fd, bytes); }

static int waitFor(int fd) {
  pthread_mutex_lock(&mutex);
  struct file *file = fileOf(fd);
  int outcome = file && state() == 's' ? -1 : 0;
  if (file && outcome == 0) keep(file, fd);
  /* What did not come to the medium is forgotten: a later wait does not bring it there. */
  if (file) file->count = 0;
  pthread_mutex_unlock(&mutex);
  errno = EIO;
  return outcome;
}

int fsync(int fd) { return waitFor(fd); }
int fdatasync(int fd) { return waitFor(fd); }

static int openAs(const char *path, int flags, mode_t mode) {
  int isWritten = (flags & O_ACCMODE) != O_RDONLY;
  if (isWritten && state() == 'r' && inside(path)) {
    errno = EROFS;
    return -1;
  }
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list more; \
    va_start(more, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
    va_end(more); \
    return openAs(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

int access(const char *path, int mode) {
  if (mode & W_OK && state() == 'r' && inside(path)) {
    errno = EROFS;
    return -1;
  }
  return (int)syscall(SYS_faccessat, AT_FDCWD, path, mode);
}
