using DropoutLab.Storage;

namespace DropoutLab.Data;

/// <summary>A CIFAR set's record files in a folder.</summary>
internal static class CifarFolder
{
    /// <summary>The records of each file by its name.</summary>
    /// <exception cref="DropoutLabException">A file cannot be read, or is not made of records.</exception>
    public static IReadOnlyDictionary<string, CifarRecords> Read(
        string folder, CifarFormat format, IReadOnlyList<CifarFile> files)
    {
        CifarRecords[] records = new CifarRecords[files.Count];
        CifarRecords.RequireLoadable(
            files.Sum(file => new FileInfo(Path.Combine(folder, file.Name)) is { Exists: true } info ? info.Length : 0), folder);
        ParallelReading.For(files.Count, index => records[index] = ReadFile(folder, format, files[index]));
        return files.Select(file => file.Name).Zip(records).ToDictionary(StringComparer.Ordinal);
    }

    private static CifarRecords ReadFile(string folder, CifarFormat format, CifarFile file)
    {
        string path = Path.Combine(folder, file.Name);
        try
        {
            using FileStream stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return CifarRecords.Read(stream, stream.Length, path, format, file);
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
    }
}
