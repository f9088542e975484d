using DropoutLab.Storage;

namespace DropoutLab.Tests.Training;

/// <summary>Checkpoints as version 0.1.0 wrote them: they do not say what images they are of, by their means or by digests, nor what the classes are called.</summary>
internal static class OldCheckpoint
{
    public static void MakeOf(string path)
    {
        SafetensorsFile now = SafetensorsFile.Read(path);
        NamedArray[] arrays = [.. now.Arrays.Where(array => !array.Name.StartsWith("images/", StringComparison.Ordinal))];
        Dictionary<string, string> metadata = new(now.Metadata.Where(entry => entry.Key.Split('/')[0] is not ("class" or "digest")));
        Assert.Equal((now.Arrays.Count - 2, 4), (arrays.Length, metadata.Count));
        SafetensorsFile.Write(path, arrays, metadata);
    }
}
