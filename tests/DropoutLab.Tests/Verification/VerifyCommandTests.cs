using System.Text.Json;
using DropoutLab.Backends;
using DropoutLab.Cli;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Options;
using DropoutLab.Models;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Definitions;
using DropoutLab.Verification;

namespace DropoutLab.Tests.Verification;

public sealed class VerifyCommandTests
{
    private static readonly string[] Small = ["verify", "--model", "logistic-regression", .. CommandRun.Small];

    private static readonly string[] Names =
    [
        "model", "dropout", "dropout_at", "mask_sharing", "batch_size", "seed", "precision", "backend", "threads", "seconds",
        "holds", "claims",
    ];

    [Fact]
    public void ATableHasALineAClaim()
    {
        CommandRun run = CommandRun.Succeed(Small);

        Assert.Equal("steps      logistic-regression, 5 made-up images, seed 1", run.Lines[0]);
        Assert.Contains("masks      per-datum, at the inputs of fc", run.Lines);
        Assert.Single(run.Lines,
            line => line.TrimEnd() == "claim                                 largest deviation   bound  verdict  found at");
        Assert.Contains(run.Lines, line => line.StartsWith("∂J/∂W = ∂J/∂z (h⊙B)ᵀ ", StringComparison.Ordinal)
            && line.Contains(" 1.0e-5  holds ", StringComparison.Ordinal));
        Assert.Matches(@"^\d+ of 18 claims hold.*; \d+\.\d s$", run.Lines[^1]);
        Assert.Equal("", run.Error);
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Fact]
    public void JsonHasEveryClaimAndTheSettings()
    {
        CommandRun run = CommandRun.Succeed([.. Small, "--json", "--dropout", "forward:0.2", "--mask-sharing", "per-minibatch",
            "--batch-size", "3", "--seed", "9"]);

        JsonElement result = JsonDocument.Parse(Assert.Single(run.Lines)).RootElement;
        Assert.Equal(Names, result.EnumerateObject().Select(property => property.Name));
        Assert.Equal(["forward:0.2"], result.GetProperty("dropout").EnumerateArray().Select(rule => rule.GetString()));
        Assert.Equal("per-minibatch", result.GetProperty("mask_sharing").GetString());
        Assert.Equal((3, 9), (result.GetProperty("batch_size").GetInt32(), result.GetProperty("seed").GetInt32()));
        Assert.True(result.GetProperty("holds").GetBoolean());
        JsonElement[] claims = [.. result.GetProperty("claims").EnumerateArray()];
        Assert.Equal(18, claims.Length);
        Assert.All(claims, claim => Assert.Contains(claim.GetProperty("verdict").GetString(), (string[])["holds", "skipped"]));
        JsonElement closedForm = claims.Single(claim => claim.GetProperty("claim").GetString() == "z = W(h⊙F) + b");
        Assert.InRange(closedForm.GetProperty("deviation").GetDouble(), 1e-9, closedForm.GetProperty("bound").GetDouble());
        Assert.Equal("relative_to_norm", closedForm.GetProperty("unit").GetString());
    }

    [Fact]
    public void AClaimThatFailsIsExitCodeOneAndNamed()
    {
        using Compute device = new(TestBackends.Reference(1), Precision.Float32, null);
        VerificationSubject subject = new(
            LogisticRegression.Create(new ImageShape(2, 2, 1), 3), device.Backend, device.Precision);
        VerificationReport report = new(
            subject, device,
            [
                new ClaimResult("sums are sums", "else nothing holds", DeviationUnit.RelativeToNorm, 1e-5, 0.25, "fc"),
                new ClaimResult("masks are masks", "", DeviationUnit.Elements, 0, 0, ""),
                new ClaimResult("numbers are numbers", "", DeviationUnit.RelativeToNorm, 1e-5, double.PositiveInfinity, "fc"),
                new ClaimResult("two agree", "", DeviationUnit.RelativeToNorm, 1e-5, null, "there is one only"),
            ],
            TimeSpan.FromSeconds(2));
        (StringWriter output, StringWriter error) = (new StringWriter(), new StringWriter());
        CommandConsole console = new(output, error, CancellationToken.None);

        report.WriteTable(console);
        report.WriteJson(console);

        Assert.Equal(1, report.ExitCode(console));
        Assert.Equal("dropoutlab: 2 of 4 claims fail here: sums are sums; numbers are numbers\n", error.ToString());
        Assert.Matches(@"sums are sums +2\.5e-1 +1\.0e-5  fails +fc", output.ToString());
        Assert.Matches(@"numbers are numbers +no number +1\.0e-5  fails", output.ToString());
        Assert.Contains("1 of 4 claims hold, 1 skipped: there is one only; 2.0 s\n", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("fails at fc: sums are sums (else nothing holds)\n", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("\"holds\":false", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--batch-size 1", "--batch-size", "from 2 to 100")]
    [InlineData("--dropout maybe", "--dropout", "maybe")]
    [InlineData("--dropout-at conv9", "--dropout-at: ", "conv9", "fc")]
    [InlineData("--dropout-at fc=0.2", "dropout at fc=0.2", "names alone")]
    [InlineData("--mask-sharing nobody", "--mask-sharing", "nobody")]
    [InlineData("--precision bf16", "--precision: ", "bf16", "reference")]
    public void BadArguments(string line, params string[] parts) =>
        CommandRun.Of([.. Small, .. line.Split(' ')]).FailsWith(parts);
}
