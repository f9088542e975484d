using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using DropoutLab.Runs;
using DropoutLab.Storage;

namespace DropoutLab.Tests.Training;

/// <summary>
/// Checkpoints, and the runs that they are in, as version 0.1.0 wrote them: they do not say what images, by their means or by
/// digests, and what run they are of, nor what the classes are called.
/// </summary>
internal static partial class OldCheckpoint
{
    public static void MakeOf(string path)
    {
        SafetensorsFile now = SafetensorsFile.Read(path);
        NamedArray[] arrays = [.. now.Arrays.Where(array => !array.Name.StartsWith("images/", StringComparison.Ordinal))];
        Dictionary<string, string> metadata = new(now.Metadata
            .Where(entry => entry.Key.Split('/')[0] is not ("class" or "digest" or "run_id" or "state" or "preparation")));
        Assert.Equal((now.Arrays.Count - 2, 4), (arrays.Length, metadata.Count));
        SafetensorsFile.Write(path, arrays, metadata);
        foreach (string name in new[] { RunConfiguration.FileName, MetricsFile.FileName })
            MakeOldText(Path.Combine(Path.GetDirectoryName(path)!, name));
    }

    /// <summary>Asserts that two checkpoints hold the same arrays, whoever wrote them.</summary>
    public static void AssertSameArrays(string expected, string actual) => Assert.Equal(Arrays(expected), Arrays(actual));

    private static IEnumerable<(string, string)> Arrays(string path) =>
        SafetensorsFile.Read(path).Arrays.Select(
            array => (array.Name, Convert.ToHexString(MemoryMarshal.AsBytes(array.Values<float>()))));

    private static void MakeOldText(string path)
    {
        if (!File.Exists(path))
            return;
        string text = File.ReadAllText(path), old = RunId().Replace(text, "");
        Assert.NotEqual(text, old);
        File.WriteAllText(path, old);
    }

    [GeneratedRegex("""\n *"run_id": [^,]+,|,"run_id":[^}]+""")]
    private static partial Regex RunId();
}
