using DropoutLab.Storage;

namespace DropoutLab.Data;

/// <summary>CIFAR-10's record files in a folder.</summary>
internal static class CifarFolder
{
    /// <summary>The records of each file by its name.</summary>
    /// <exception cref="DropoutLabException">A file cannot be read, or is not made of records.</exception>
    public static IReadOnlyDictionary<string, CifarRecords> Read(string folder, IEnumerable<string> names)
    {
        string[] ordered = [.. names];
        CifarRecords[] records = new CifarRecords[ordered.Length];
        ParallelReading.For(ordered.Length, index => records[index] = ReadFile(Path.Combine(folder, ordered[index])));
        return ordered.Zip(records).ToDictionary(StringComparer.Ordinal);
    }

    private static CifarRecords ReadFile(string path)
    {
        try
        {
            using FileStream stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return CifarRecords.Read(stream, stream.Length, path);
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
    }
}
