using System.Buffers.Binary;
using DropoutLab.Storage;

namespace DropoutLab.Data.Matlab;

/// <summary>
/// Files in MATLAB's level 5 format, as its versions 5 to 7 write them, little-endian: a header of 128 bytes, then arrays, each
/// compressed or not. Real, full arrays of numbers are read from them, one by one; what else lies there is passed over.
/// </summary>
/// <remarks>Source: The MathWorks, MAT-File Format, chapter 1, "Level 5 MAT-File Format".</remarks>
internal static class MatlabFile
{
    private const int HeaderLength = 128;
    private const int VersionPosition = 124;
    private const int Level5 = 0x0100;
    private const int Level73 = 0x0200;
    private const int BufferLength = 1 << 16;
    private const int OthersNamed = 5;

    /// <summary>Finds an array and reads all about it but its values.</summary>
    /// <exception cref="DropoutLabException">
    /// The file cannot be read, is damaged, of another format, or holds no such array of numbers.
    /// </exception>
    public static MatlabArray Find(string path, string name)
    {
        MatlabArray? found = null;
        Read(path, file => found = Find(path, file, name));
        return found!;
    }

    /// <summary>Runs <paramref name="read"/> on the file, and puts the file's name on what goes wrong.</summary>
    /// <exception cref="DropoutLabException">The file cannot be read, or is damaged.</exception>
    public static void Read(string path, Action<FileStream> read)
    {
        try
        {
            using FileStream file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferLength);
            read(file);
        }
        catch (MatlabFormatException exception)
        {
            throw new DropoutLabException($"{path} {exception.Message}", exception) { DamagedFile = path };
        }
        catch (InvalidDataException exception)
        {
            throw new DropoutLabException($"{path} is damaged: what is compressed in it cannot be expanded", exception)
            { DamagedFile = path };
        }
        catch (EndOfStreamException exception)
        {
            throw new DropoutLabException($"{path} is damaged: an array in it ends early", exception) { DamagedFile = path };
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
    }

    private static MatlabArray Find(string path, FileStream file, string name)
    {
        RequireLevel5(file);
        List<string> others = [];
        foreach (MatlabElement element in MatlabElement.In(file, HeaderLength))
        {
            using Stream opened = element.Open(file);
            StreamPart content = element.Enter(opened);
            MatlabArrayHeader header = MatlabArrayHeader.Read(content);
            if (header.Name == name)
                return MatlabArray.Read(path, element, header, content);
            if (others.Count < OthersNamed)
                others.Add(header.Name);
        }

        throw new MatlabFormatException(
            others.Count == 0
                ? $"holds no array {name}, and no other"
                : $"holds no array {name}, but {string.Join(", ", others)}");
    }

    private static void RequireLevel5(FileStream file)
    {
        if (file.Length < HeaderLength)
            throw new MatlabFormatException($"is no MATLAB file: it has {file.Length} bytes, the header alone {HeaderLength}");
        Span<byte> header = stackalloc byte[HeaderLength];
        file.ReadExactly(header);
        int version = BinaryPrimitives.ReadUInt16LittleEndian(header[VersionPosition..]);
        Span<byte> endianMark = header[(VersionPosition + sizeof(ushort))..];
        if (endianMark.SequenceEqual("MI"u8))
            throw new MatlabFormatException("is a big-endian MATLAB file: save it on a little-endian machine");
        if (!endianMark.SequenceEqual("IM"u8) || version is not (Level5 or Level73))
            throw new MatlabFormatException("is no MATLAB 5 file: such a file has the bytes 00 01 49 4d from byte 124 on");
        if (version == Level73)
            throw new MatlabFormatException("is a MATLAB 7.3 file (HDF5): save it with MATLAB's option -v7");
    }
}

/// <summary>
/// What is wrong with a MATLAB file, to be read after its name. <see cref="MatlabFile"/> puts the name before it.
/// </summary>
internal sealed class MatlabFormatException(string message) : Exception(message)
{
    public static MatlabFormatException Damaged(string how) => new($"is damaged: {how}");
}
