using System.IO.Compression;
using DropoutLab.Storage;

namespace DropoutLab.Data;

/// <summary>A CIFAR set's record files in the authors' archive, read where it lies without unpacking it on the disk.</summary>
internal static class CifarArchive
{
    /// <summary>The records of each file by its name, in whatever folder of the archive it is.</summary>
    /// <exception cref="DropoutLabException">The archive is damaged, is another one, or holds no records.</exception>
    public static IReadOnlyDictionary<string, CifarRecords> Read(
        string path, CifarFormat format, IReadOnlyCollection<CifarFile> files)
    {
        try
        {
            IReadOnlyDictionary<string, CifarRecords> records = ReadEntries(path, format, files);
            return files.FirstOrDefault(file => !records.ContainsKey(file.Name)) is { } missing
                ? throw new InvalidDataException($"{missing.Name} is not in it")
                : records;
        }
        catch (DropoutLabException exception) when (exception.DamagedFile is not null)
        {
            throw new DropoutLabException(exception.Message, exception) { DamagedFile = path };
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw new DropoutLabException(
                $"{path} is damaged or not {format.Title}'s archive ({exception.Message.ReplaceLineEndings(" ").TrimEnd('.')})",
                exception)
            { DamagedFile = path };
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
    }

    private static Dictionary<string, CifarRecords> ReadEntries(
        string path, CifarFormat format, IReadOnlyCollection<CifarFile> files)
    {
        Dictionary<string, CifarRecords> records = new Dictionary<string, CifarRecords>(StringComparer.Ordinal);
        long total = 0;
        using FileStream zipped = File.OpenRead(path);
        using GZipStream unzipped = new GZipStream(zipped, CompressionMode.Decompress);
        foreach (TarFile entry in TarArchive.Files(unzipped))
        {
            if (files.FirstOrDefault(file => file.Name == entry.Name) is not { } file)
                continue;
            if (!Deflate.CanHold(zipped.Length, entry.Content.Length))
                throw new InvalidDataException(
                    $"{file.Name} cannot have {entry.Content.Length} bytes in an archive of {zipped.Length}");
            CifarRecords.RequireLoadable(total += entry.Content.Length, path);
            records[file.Name] = CifarRecords.Read(entry.Content, entry.Content.Length, $"{path}: {file.Name}", format, file);
        }

        unzipped.CopyTo(Stream.Null); // to the end, where the checksum is
        return records;
    }
}
