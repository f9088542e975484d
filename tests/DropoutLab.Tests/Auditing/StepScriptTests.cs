using DropoutLab.Storage;
using DropoutLab.Tests.Cli;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Documentation;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Auditing;

/// <summary>
/// A program in another language, tests/audit/check_step.py, computes every array of an audited step again and finds the
/// same; where an array is wrong it says so.
/// </summary>
public sealed class StepScriptTests
{
    private static readonly string[] Rules =
        ["none", "standard:0.3", "forward:0.3", "backward:0.3", "augmented:0.3/0.1", "augmented-independent:0.3/0.1"];

    [Theory]
    [InlineData("logistic-regression", "f32", "reference")]
    [InlineData("logistic-regression", "f64", "reference")]
    [InlineData("logistic-regression", "f32", "onednn")]
    [InlineData("mlp", "f32", "reference")]
    [InlineData("mlp", "f64", "reference")]
    [InlineData("mlp", "f32", "onednn")]
    [InlineData("mlp", "bf16", "onednn")]
    [InlineData("convnet-quick", "f32", "reference")]
    [InlineData("convnet-quick", "f64", "reference")]
    [InlineData("convnet-quick", "f32", "onednn")]
    [InlineData("convnet-quick", "bf16", "onednn")]
    public void FindsEveryArrayOfEveryRuleRight(string model, string precision, string backend)
    {
        RequireWhatItRunsOn();
        if (backend == "onednn")
            TestBackends.OneDnn().Dispose();
        using TemporaryFolder folder = new();
        string[] files = [.. Rules.Select((rule, i) => Audit(
            folder[$"{i}.safetensors"], model, rule, "--precision", precision, "--backend", backend, "--seed", $"{i + 5}",
            "--step", $"{i}"))];

        (int exitCode, string output) = Check(files);

        Assert.True(exitCode == 0, output);
        Assert.Equal(Rules.Length * SafetensorsFile.Read(files[0]).Arrays.Count, Lines(output, "ok").Length);
    }

    [Theory]
    [InlineData("initial", "per-datum", "augmented:0.4/0.2", "conv1,conv3,fc2")]
    [InlineData("random", "per-minibatch", "augmented:0.4/0.2", "conv1,conv3,fc2")]
    [InlineData("random", "pair", "standard:0.4", "conv1,conv3,fc2")]
    [InlineData("random", "channel", "standard:0..0.4@20", "conv2,fc1")]
    [InlineData("random", "shape:*,1,*,1", "forward:0.3,0.4@7", "conv2,conv3")]
    [InlineData("random", "per-datum", "augmented:0.4/0.2", "conv*,conv1=0.1,fc2=0")]
    [InlineData("random", "per-datum", "augmented:0.3/0..0.4@20", "conv2,fc1")]
    public void FindsTheSharedMaskAndTheInitialParametersRight(string parameters, string sharing, string rule, string sites)
    {
        RequireWhatItRunsOn();
        using TemporaryFolder folder = new();
        string file = Audit(
            folder["step"], "convnet-quick", rule, "--precision", "f64", "--parameters", parameters, "--mask-sharing", sharing,
            "--dropout-at", sites, "--step", "11");

        (int exitCode, string output) = Check(file);

        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public void FindsAWrongScale()
    {
        RequireWhatItRunsOn();
        using TemporaryFolder folder = new();
        string file = Audit(folder["step"], "mlp", "standard:0.2", "--precision", "f64");
        Replace(file, "fc2.forward_factor", step => [.. Values(step, "fc2.forward_factor").Select(value => value * 0.8)]);

        AssertFindsWrong(file, "fc2.forward_factor", "fc2.output");
    }

    [Fact]
    public void FindsAWeightGradientFromTheWrongView()
    {
        RequireWhatItRunsOn();
        using TemporaryFolder folder = new();
        string file = Audit(folder["step"], "mlp", "forward:0.2", "--precision", "f64");
        Replace(file, "fc3.grad_weight", step => WeightGradient(step, "fc3", "forward_factor"));

        AssertFindsWrong(file, "fc3.grad_weight");

        Replace(file, "fc3.grad_weight", step => WeightGradient(step, "fc3", "backward_factor"));

        Assert.Equal(0, Check(file).ExitCode);
    }

    [Fact]
    public void FindsASharedMaskThatIsSaidToBePerDatum()
    {
        RequireWhatItRunsOn();
        using TemporaryFolder folder = new();
        string file = Audit(folder["step"], "mlp", "standard:0.2", "--precision", "f64", "--mask-sharing", "per-minibatch");
        SafetensorsFile step = SafetensorsFile.Read(file);
        SafetensorsFile.Write(
            file, step.Arrays, new Dictionary<string, string>(step.Metadata) { ["mask_sharing"] = "per-datum" });

        AssertFindsWrong(file, "fc2.backward_factor", "fc2.forward_factor", "fc3.backward_factor", "fc3.forward_factor");
    }

    [Fact]
    public void FindsOneNumberThatIsWrongInWhicheverArrayOfALayer()
    {
        RequireWhatItRunsOn();
        using TemporaryFolder folder = new();
        string right = Audit(folder["step"], "convnet-quick", "augmented:0.3/0.1", "--precision", "f64", "--batch-size", "2");
        string[] computed =
        [
            "loss", "conv2.input", "conv2.forward_factor", "conv2.backward_factor", "conv2.output", "conv2.grad_output",
            "conv2.grad_weight", "conv2.grad_bias", "conv2.grad_input",
        ];
        foreach (string array in computed)
        {
            File.Copy(right, folder[array]);
            Replace(folder[array], array, step =>
            {
                double[] values = Values(step, array);
                values[0] += values.Max(Math.Abs);
                return values;
            });
        }

        (int exitCode, string output) = Check([.. computed.Select(array => folder[array])]);

        Assert.Equal(1, exitCode);
        string[] reports = output.Split($"{folder.Root}{Path.DirectorySeparatorChar}")[1..];
        Assert.Equal(computed.Length, reports.Length);
        foreach ((string array, string report) in computed.Zip(reports))
            Assert.Contains(Lines(report, "FAIL"), line => line.StartsWith($"{array} ", StringComparison.Ordinal));
    }

    [Fact]
    public void FindsANumberThatIsNone()
    {
        RequireWhatItRunsOn();
        using TemporaryFolder folder = new();
        string file = Audit(folder["step"], "logistic-regression", "standard:0.3", "--precision", "f64");
        Replace(file, "loss", _ => [double.NaN]);

        AssertFindsWrong(file, "loss");
    }

    private static void RequireWhatItRunsOn()
    {
        SourceTree.Require();
        NumpyPython.Require();
    }

    /// <summary>
    /// Writes a step of random parameters, so that biases too show in the arrays; what is in <paramref name="options"/> comes on
    /// top.
    /// </summary>
    private static string Audit(string file, string model, string rule, params string[] options)
    {
        string[] parameters = options.Contains("--parameters") ? [] : ["--parameters", "random"];
        string[] batch = options.Contains("--batch-size") ? [] : ["--batch-size", "3"];
        CommandRun.Succeed(
            ["audit", "--model", model, "--dropout", rule, "--threads", "2", "--out", file, .. parameters, .. batch, .. options]);
        return file;
    }

    private static (int ExitCode, string Output) Check(params string[] files) =>
        NumpyPython.Run([SourceTree.PathOf("tests", "audit", "check_step.py"), .. files]);

    private static void AssertFindsWrong(string file, params string[] arrays)
    {
        (int exitCode, string output) = Check(file);

        Assert.Equal(1, exitCode);
        Assert.Equal(arrays, Lines(output, "FAIL").Select(line => line.Split(' ')[0]));
    }

    private static string[] Lines(string output, string verdict) =>
        [.. output.Split('\n').Where(line => line.EndsWith($"  {verdict}", StringComparison.Ordinal))];

    private static double[] Values(SafetensorsFile step, string name) =>
        step.Arrays.Single(array => array.Name == name).Values<double>().ToArray();

    private static void Replace(string file, string name, Func<SafetensorsFile, double[]> values)
    {
        SafetensorsFile step = SafetensorsFile.Read(file);
        NamedArray old = step.Arrays.Single(array => array.Name == name);
        NamedArray changed = NamedArray.Create<double>(name, old.Shape, values(step));
        SafetensorsFile.Write(file, [.. step.Arrays.Where(array => array != old), changed], step.Metadata);
    }

    /// <summary>δᵀ (h ⊙ factor) of a linear layer.</summary>
    private static double[] WeightGradient(SafetensorsFile step, string layer, string factor)
    {
        ReadOnlySpan<int> shape = step.Arrays.Single(array => array.Name == $"{layer}.weight").Shape;
        (int outputs, int inputs) = (shape[0], shape[1]);
        double[] h = Values(step, $"{layer}.input"), seen = Values(step, $"{layer}.{factor}"),
            dz = Values(step, $"{layer}.grad_output");
        double[] gradient = new double[outputs * inputs];
        for (int n = 0; n < dz.Length / outputs; n++)
        {
            for (int o = 0; o < outputs; o++)
            {
                for (int i = 0; i < inputs; i++)
                    gradient[o * inputs + i] += dz[n * outputs + o] * h[n * inputs + i] * seen[n * inputs + i];
            }
        }

        return gradient;
    }
}
