using System.Formats.Tar;
using System.IO.Compression;
using DropoutLab.Storage;

namespace DropoutLab.Data;

/// <summary>CIFAR-10's record files in the authors' archive, read where it lies without unpacking it on the disk.</summary>
internal static class CifarArchive
{
    /// <summary>The records of each file by its name, in whatever folder of the archive it is.</summary>
    /// <exception cref="DropoutLabException">The archive is damaged, is another one, or holds no records.</exception>
    public static IReadOnlyDictionary<string, CifarRecords> Read(string path, IReadOnlyCollection<string> names)
    {
        try
        {
            IReadOnlyDictionary<string, CifarRecords> records = ReadEntries(path, names);
            return names.FirstOrDefault(name => !records.ContainsKey(name)) is { } missing
                ? throw new InvalidDataException($"{missing} is not in it")
                : records;
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw new DropoutLabException(
                $"{path} is damaged or not CIFAR-10's archive ({exception.Message.ReplaceLineEndings(" ")}): "
                + "delete it to have it downloaded again",
                exception);
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
    }

    private static Dictionary<string, CifarRecords> ReadEntries(string path, IReadOnlyCollection<string> names)
    {
        Dictionary<string, CifarRecords> records = new Dictionary<string, CifarRecords>(StringComparer.Ordinal);
        using GZipStream unzipped = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using TarReader archive = new TarReader(unzipped);
        while (archive.GetNextEntry() is { } entry)
        {
            string name = Path.GetFileName(entry.Name);
            if (names.Contains(name, StringComparer.Ordinal))
                records[name] = CifarRecords.Read(entry.DataStream ?? Stream.Null, entry.Length, $"{path}: {entry.Name}");
        }

        unzipped.CopyTo(Stream.Null); // to the end, where the checksum is
        return records;
    }
}
