"""Shuts an unmodified agent in: it writes in its own folder only and starts nothing but stand-ins.

An audit hook cannot be removed and binds root as well. It does not bind C extensions; the agent has none that write.
"""
import builtins
import os
import subprocess
import sys

HOME = os.path.realpath(os.environ['NODELESS_MACHINE'])
TOOLS = os.path.join(HOME, 'bin')
# What the agent reads or writes at a fixed place: a file of the machine's folder instead.
ELSEWHERE = {'/proc/cmdline': 'cmdline', '/proc/sys/vm/drop_caches': 'drop_caches',
             '/etc/ipa-rescue-config/ipa-rescue-password': 'rescue-password', '/etc/.rescued': 'rescued'}
TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
ONE_PATH = {'os.remove', 'os.mkdir', 'os.rmdir', 'os.truncate', 'os.chmod', 'os.chown', 'os.mknod', 'shutil.rmtree'}
TWO_PATHS = {'os.rename', 'os.link', 'os.symlink', 'shutil.move'}
OTHER_STARTS = {'os.system', 'os.exec', 'os.posix_spawn', 'os.spawn'}
_installed = False


def install():
    global _installed
    if _installed:
        return
    _installed = True
    _replace_popen()
    _replace_open()
    os.environ['NODELESS_AGENT_PID'] = str(os.getpid())
    sys.addaudithook(_judge)


def _judge(event, args):
    if event == 'open':
        path, _, flags = args
        if isinstance(flags, int) and flags & TO_WRITE:
            _must_be_ours(event, path)
    elif event in ONE_PATH:
        _must_be_ours(event, args[0])
    elif event in TWO_PATHS:
        _must_be_ours(event, args[0])
        _must_be_ours(event, args[1])
    elif event == 'subprocess.Popen':
        if os.path.dirname(os.fsdecode(args[0])) not in ('', TOOLS):
            _refuse(event, args[0])
    elif event in OTHER_STARTS:
        _refuse(event, args[0])


def _must_be_ours(event, path):
    if isinstance(path, int) or path is None:
        return  # opened before, and judged then
    real = os.path.realpath(os.fsdecode(path))
    if real != os.devnull and not real.startswith(HOME + os.sep):
        _refuse(event, path)


def _refuse(event, what):
    with open(os.path.join(HOME, 'refused'), 'a') as record:
        record.write('%s %s\n' % (event, what))
    raise PermissionError('harmless: %s %s is refused' % (event, what))


def _replace_popen():
    """A program is called by its bare name, so that the only PATH, the stand-ins, decides what runs."""
    stock = subprocess.Popen.__init__

    def init(self, args, *more, **kw):
        words = ['sh', '-c', args] if kw.pop('shell', False) else [args] if isinstance(args, str) else list(args)
        words = [os.fsdecode(word) for word in words]
        words[0] = os.path.basename(words[0])
        kw.pop('executable', None)
        if kw.get('env') is not None:
            kw['env'] = {**kw['env'], 'PATH': TOOLS}
        stock(self, words, *more, **kw)

    subprocess.Popen.__init__ = init


def _replace_open():
    stock = builtins.open

    def elsewhere(file, *more, **kw):
        name = ELSEWHERE.get(file) if isinstance(file, str) else None
        return stock(os.path.join(HOME, name) if name else file, *more, **kw)

    builtins.open = elsewhere
