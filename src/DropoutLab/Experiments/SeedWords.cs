namespace DropoutLab.Experiments;

/// <summary>A sweep's seeds in words.</summary>
public static class SeedWords
{
    private const int MostNumbers = 12;

    /// <summary>As in "1, 2, 3"; where there are many, neighbours as in "1 to 1000".</summary>
    public static string Text(IReadOnlyList<ulong> seeds)
    {
        if (seeds.Count <= MostNumbers)
            return string.Join(", ", seeds);
        List<string> ranges = [];
        for (int first = 0, next; first < seeds.Count; first = next)
        {
            for (next = first + 1; next < seeds.Count && seeds[next] == seeds[next - 1] + 1;)
                next++;
            ranges.Add(next - first == 1 ? $"{seeds[first]}" : $"{seeds[first]} to {seeds[next - 1]}");
        }

        return string.Join(", ", ranges);
    }
}
