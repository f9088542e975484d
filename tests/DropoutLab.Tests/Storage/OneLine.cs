namespace DropoutLab.Tests.Storage;

/// <summary>Asserts that an error is the one clear line that users see.</summary>
internal static class OneLine
{
    public static void Throws(Action action, params string[] parts) => Check(Assert.Throws<DropoutLabException>(action), parts);

    public static async Task ThrowsAsync(Func<Task> action, params string[] parts) =>
        Check(await Assert.ThrowsAsync<DropoutLabException>(action), parts);

    private static void Check(DropoutLabException exception, string[] parts)
    {
        Assert.DoesNotContain('\n', exception.Message);
        foreach (string part in parts)
            Assert.Contains(part, exception.Message, StringComparison.Ordinal);
    }
}
