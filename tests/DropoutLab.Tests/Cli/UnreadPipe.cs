using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DropoutLab.Tests.Cli;

/// <summary>A named pipe of a page that nobody reads: whoever has filled it waits for ever.</summary>
internal sealed partial class UnreadPipe : IDisposable
{
    private const int Capacity = 4096;
    private const int OwnersAlone = 0x180, SetPipeSize = 1031; // rw-------; F_SETPIPE_SZ of Linux

    private readonly FileStream ends;

    public UnreadPipe(string path)
    {
        Path = path;
        Assert.Equal(0, MakeFifo(path, OwnersAlone));
        ends = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        Assert.Equal(Capacity, Control(ends.SafeFileHandle, SetPipeSize, Capacity));
    }

    public string Path { get; }

    public void Fill() => ends.Write(new byte[Capacity]);

    public void Dispose() => ends.Dispose();

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, int mode);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(SafeFileHandle descriptor, int command, int argument);
}
