using DropoutLab.Storage;

namespace DropoutLab.Tests.Storage;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void WritesANewFileAndNothingElse()
    {
        AtomicFile.WriteText(folder["config.json"], "{\"é\":1}");

        Assert.Equal([0x7B, 0x22, 0xC3, 0xA9, 0x22, 0x3A, 0x31, 0x7D], File.ReadAllBytes(folder["config.json"]));
        Assert.Equal(["config.json"], folder.Files());
    }

    [Fact]
    public void TheOldFileIsWholeUntilTheNewOneIs()
    {
        string path = folder.Make("weights", "old, and longer than the new"u8);

        AtomicFile.Write(path, stream =>
        {
            stream.Write("ne"u8);
            stream.Flush();
            Assert.Equal("old, and longer than the new", File.ReadAllText(path));
            stream.Write("w"u8);
        });

        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(["weights"], folder.Files());
    }

    [Fact]
    public void ALinkStaysALinkAndItsTargetIsReplaced()
    {
        string target = folder.Make(Path.Combine("far", "target"), "old"u8);
        File.CreateSymbolicLink(folder["link"], target);
        File.CreateSymbolicLink(folder["dangling"], folder["far", "new"]);

        AtomicFile.WriteText(folder["link"], "new");
        AtomicFile.WriteText(folder["dangling"], "made");

        Assert.Equal(target, new FileInfo(folder["link"]).LinkTarget);
        Assert.Equal("new", File.ReadAllText(target));
        Assert.Equal("made", File.ReadAllText(folder["far", "new"]));
    }

    /// <summary>A file must not take the place of a device: as root it would, for every process.</summary>
    [Theory]
    [InlineData("/dev/null", true)]
    [InlineData("/dev/stdout", true)]
    [InlineData("/proc/self/fd/1", true)]
    [InlineData("/dev/shm/step", false)]
    [InlineData("/devices/step", false)]
    [InlineData("/tmp/dev/null", false)]
    public void TheSystemsOwnFilesAreWrittenToAsTheyAre(string path, bool expected)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux");
        Assert.Equal(expected, AtomicFile.IsOfTheSystem(path));
    }

    /// <summary>The name of a thread is such a file that can be read again.</summary>
    [Fact]
    public void WhatIsWrittenThereArrives()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux");
        Assert.Equal("written\n", ThreadsNameAfter(comm => AtomicFile.WriteText(comm, "written")));
    }

    /// <summary>A link to a device stands for the device.</summary>
    [Fact]
    public void ALinkToWhereIsWrittenAsItIs()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux");
        Assert.Equal("linked\n", ThreadsNameAfter(comm =>
        {
            File.CreateSymbolicLink(folder["link"], comm);
            AtomicFile.WriteText(folder["link"], "linked");
        }));
    }

    [Fact]
    public void TheNewFileIsMadeInTheSameFolder() => AtomicFile.Write(
        folder["weights"],
        _ => Assert.StartsWith(".weights.", Assert.Single(folder.Files()), StringComparison.Ordinal));

    [Fact]
    public void AFullDiskLeavesTheOldFileAndOneLine()
    {
        string path = folder.Make("weights", "old"u8);

        OneLine.Throws(
            () => AtomicFile.Write(path, stream =>
            {
                stream.Write("half of the n"u8);
                FillTheDisk();
            }),
            path, "the disk is full");

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["weights"], folder.Files());
    }

    [Fact]
    public void AFailingWriterLeavesTheOldFileAndItsOwnException()
    {
        string path = folder.Make("weights", "old"u8);

        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("half"u8);
            throw new InvalidOperationException();
        }));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["weights"], folder.Files());
    }

    [Fact]
    public void AFolderInTheFilesPlaceIsNamed()
    {
        Directory.CreateDirectory(folder["weights"]);

        OneLine.Throws(() => AtomicFile.WriteText(folder["weights"], "new"), folder["weights"], "cannot be written");

        Assert.Empty(folder.Files());
    }

    [Fact]
    public void AMissingFolderIsNamed() => OneLine.Throws(
        () => AtomicFile.WriteText(folder["run", "weights"], "new"), folder["run", "weights"], "its folder does not exist");

    [Fact]
    public void AFileInTheFoldersPlaceIsNamed()
    {
        folder.Make("run", "a file"u8);

        string path = folder["run", "weights"];
        OneLine.Throws(() => AtomicFile.WriteText(path, "new"), path, "cannot be written");
    }

    [Fact]
    public void AnUnwritableFolderIsNamed()
    {
        // Folders in which not even an administrator may make a file.
        string unwritable = OperatingSystem.IsLinux() ? "/sys"
            : OperatingSystem.IsMacOS() ? "/System"
            : @"C:\System Volume Information";
        string path = Path.Combine(unwritable, "weights");

        OneLine.Throws(() => AtomicFile.WriteText(path, "new"), path, "cannot be written");
    }

    [Fact]
    public void LeftoversOfAKilledProcessAreDeletedAndNothingElse()
    {
        string leftover = "";
        AtomicFile.Write(folder["weights"], _ => leftover = Assert.Single(folder.Files()));
        folder.Make(leftover, "half"u8);
        foreach (string other in new[] { ".mine.tmp", "weights.tmp", "a.0123456789abcdef0123456789abcdef.tmp" })
            folder.Make(other, "whole"u8);

        AtomicFile.DeleteLeftovers(folder.Root);

        Assert.Equal([".mine.tmp", "a.0123456789abcdef0123456789abcdef.tmp", "weights", "weights.tmp"], folder.Files());
    }

    private static string ThreadsNameAfter(Action<string> write)
    {
        string comm = $"/proc/{Environment.ProcessId}/comm", before = File.ReadAllText(comm);
        write(comm);
        string after = File.ReadAllText(comm);
        AtomicFile.WriteText(comm, before);
        return after;
    }

    private static void FillTheDisk()
    {
        const string AlwaysFull = "/dev/full";
        if (!File.Exists(AlwaysFull))
            throw new IOException("No space left on device", hresult: 28);
        using FileStream full = new FileStream(AlwaysFull, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        full.WriteByte(0);
    }
}
