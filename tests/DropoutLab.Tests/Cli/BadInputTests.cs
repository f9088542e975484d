using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Cli;

/// <summary>
/// Every bad argument, file or value: exit code 2, one line that names it and what would be right, nothing left behind.
/// </summary>
public sealed class BadInputTests
{
    [Theory]
    [InlineData("bogus", "bogus",
        "train, evaluate, predict, embed, export, reproduce, sweep, report, dashboard, audit, verify, bench, explain, data, "
            + "info")]
    [InlineData("--bogus", "--bogus", "--help")]
    [InlineData("train --bogus 3", "--bogus", "dropoutlab train --help")]
    [InlineData("train stray", "stray")]
    [InlineData("train @file", "@file")]
    [InlineData("train --model resnet", "--model", "resnet", "convnet-quick, mlp, logistic-regression")]
    [InlineData("train --dataset mnist", "--dataset", "mnist",
        "cifar10, cifar100, cifar100-coarse, fashion-mnist, svhn, svhn-extra, or one's own")]
    [InlineData("train --dropout maybe", "--dropout", "maybe", "standard:P")]
    [InlineData("train --dropout standard", "--dropout", "standard:P")]
    [InlineData("train --dropout standard:1", "--dropout", "ratio 1", "from 0 up to")]
    [InlineData("train --dropout augmented:0.3", "--dropout", "augmented:P/Q")]
    [InlineData("train --dropout standard:0..1@9", "--dropout", "ratio 1", "from 0 up to")]
    [InlineData("train --dropout standard:0..0.3@0", "--dropout", "at least 1 step")]
    [InlineData("train --dropout standard:0.1,0.2@5,0.3@5", "--dropout", "5 comes after 5")]
    [InlineData("train --dropout", "--dropout", "needs a value")]
    [InlineData("train --dropout-at ,", "--dropout-at", "empty")]
    [InlineData("train --dropout-at fc1,fc2=much", "--dropout-at", "'fc2=much'", "NAME=P")]
    [InlineData("train --dropout-at fc1=1", "--dropout-at", "ratio 1", "from 0 up to")]
    [InlineData("train --dropout-at fc1=0.2", "--dropout-at: ", "fc1=0.2", "needs a rule", "add --dropout")]
    [InlineData("audit --dropout-at fc1=0.2", "--dropout-at: fc1=0.2", "needs a rule")]
    [InlineData("train --mask-sharing nobody", "--mask-sharing", "nobody", "per-datum, pair, per-minibatch, channel or shape:")]
    [InlineData("train --mask-sharing shape:*,0", "--mask-sharing", "shape:*,0", "as in shape:*,1,1,*")]
    [InlineData("bench --mask-sharing channel nobody", "--mask-sharing", "nobody", "per-datum")]
    [InlineData("bench --dropout standard:0.5 --mask-sharing shape:*,1,1,*", "--mask-sharing: ",
        "shape:*,1,1,*", "the input of fc1, [100, 1024]")]
    [InlineData("bench --batch-size 65536", "[65536, 32, 32, 32]", "2147483647", "smaller batch")]
    [InlineData("train --epochs 0", "--epochs", "'0'", "from 1")]
    [InlineData("train --epochs ten", "--epochs", "'ten'", "whole number")]
    [InlineData("train --epochs 1.5", "--epochs", "'1.5'", "whole number")]
    [InlineData("train --epochs 2 --epochs 3", "--epochs", "2 times")]
    [InlineData("train --batch-size 0", "--batch-size", "'0'", "65536")]
    [InlineData("train --learning-rate -0.1", "--learning-rate", "'-0.1'", "positive")]
    [InlineData("train --learning-rate nan", "--learning-rate", "'nan'", "positive")]
    [InlineData("train --learning-rate 1e999", "--learning-rate", "'1e999'", "positive")]
    [InlineData("train --augment mirror", "--augment", "'mirror'", "none, crop, flip or crop+flip")]
    [InlineData("train --recipe best", "--recipe", "'best'", "poster or quick")]
    [InlineData("train --model mlp --recipe quick", "--recipe: mlp has no recipe quick", "choose poster")]
    [InlineData("train --seed -1", "--seed", "'-1'", "from 0")]
    [InlineData("train --precision f16", "--precision", "f16", "auto, f32 or bf16")]
    [InlineData("train --precision f64", "--precision", "f64", "auto, f32 or bf16")]
    [InlineData("train --precision bf16 --backend reference", "--precision: ", "reference", "bf16", "--backend onednn")]
    [InlineData("train --threads 0", "--threads", "'0'", "from 1 to 1024")]
    [InlineData("train --backend cuda", "--backend", "cuda", "auto, onednn or reference")]
    [InlineData("evaluate", "RUN")]
    [InlineData("evaluate no/such/run", "no/such/run", "there is no such folder")]
    [InlineData("evaluate one two", "two")]
    [InlineData("evaluate run --monte-carlo 0", "--monte-carlo", "'0'", "from 1 to 10000")]
    [InlineData("evaluate run --monte-carlo 10001", "--monte-carlo", "'10001'", "from 1 to 10000")]
    [InlineData("evaluate run --monte-carlo 2 --seed -1", "--seed", "'-1'")]
    [InlineData("evaluate run --seed 3", "--seed", "--monte-carlo")]
    [InlineData("audit --precision f16", "--precision", "f16", "f32, f64 or bf16")]
    [InlineData("audit --precision bf16 --backend reference", "--precision: ", "reference", "bf16", "--backend onednn")]
    [InlineData("audit --parameters trained", "--parameters", "trained", "initial or random")]
    [InlineData("audit --step -1", "--step", "'-1'", "from 0")]
    [InlineData("audit --batch-size 1025", "--batch-size", "'1025'", "from 1 to 1024")]
    [InlineData("bench --dropout none maybe", "--dropout", "maybe", "standard:P")]
    [InlineData("bench --steps 0", "--steps", "'0'")]
    [InlineData("bench --warm-up -1", "--warm-up", "'-1'")]
    [InlineData("data", "list, fetch")]
    [InlineData("data fetch", "NAME")]
    [InlineData("data fetch imagenet", "imagenet", "cifar10, cifar100, cifar100-coarse, fashion-mnist, svhn or svhn-extra")]
    [InlineData("reproduce", "--quick")]
    public void Arguments(string line, params string[] parts) => CommandRun.Of(line.Split(' ')).FailsWith(parts);

    [Fact]
    public void ASiteThatTheNetworkDoesNotHave()
    {
        using TemporaryFolder folder = new();
        string[] before = folder.Files();

        CommandRun.Of("train", "--quiet", "--dropout", "standard:0.3", "--dropout-at", "conv2,conv9", "--data-dir",
            TinyCifar.Make(folder), "--out", folder["run"])
            .FailsWith("--dropout-at: convnet-quick has no dropout site conv9", "conv1, conv2, conv3, fc1, fc2");

        Assert.Empty(before);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void AMaskSharingThatASiteDoesNotFit()
    {
        using TemporaryFolder folder = new();

        CommandRun.Of("train", "--quiet", "--dropout", "standard:0.3", "--mask-sharing", "shape:*,1,*", "--data-dir",
            TinyCifar.Make(folder), "--out", folder["run"])
            .FailsWith("--mask-sharing: ", "shape:*,1,*", "the input of conv2, [", "16, 16, 32]", "3 entries for 4 axes");

        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void AFileInThePlaceOfAFolder()
    {
        using TemporaryFolder folder = new();
        string file = folder.Make("file", [1, 2, 3]);

        CommandRun.Of("train", "--out", file).FailsWith("--out", file, "a folder is needed");
        CommandRun.Of("reproduce", "--quick", "--out", file).FailsWith("--out", file, "a folder is needed");
        CommandRun.Of("train", "--data-dir", file).FailsWith(file, "folder");
        CommandRun.Of("train", "--model", "mlp", "--data-dir", TinyCifar.Make(folder), "--out", Path.Combine(file, "run"))
            .FailsWith(file);

        Assert.Equal([1, 2, 3], File.ReadAllBytes(file));
    }

    [Fact]
    public void AFolderThatCannotBeWritten()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self"), "needs /proc, which even an administrator cannot write to");
        using TemporaryFolder folder = new();

        CommandRun.Of("train", "--model", "mlp", "--data-dir", TinyCifar.Make(folder), "--out", "/proc/run")
            .FailsWith("/proc/run");
        CommandRun.Of("reproduce", "--quick", "--out", "/proc/run").FailsWith("/proc/run");
    }

    [Fact]
    public void ADataFileThatIsTruncated()
    {
        using TemporaryFolder folder = new();
        string data = TinyCifar.Make(folder);
        File.WriteAllBytes(Path.Combine(data, "data_batch_3.bin"), new byte[3000]);

        CommandRun.Of("train", "--data-dir", data, "--out", folder["run"]).FailsWith("data_batch_3.bin", "3000", "3073");

        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void AConfigurationThatIsNone()
    {
        using TemporaryFolder folder = new();
        folder.Make(Path.Combine("run", "config.json"), "{\"model\": 3}"u8);

        CommandRun.Of("evaluate", folder["run"]).FailsWith("config.json");
        CommandRun.Of("train", "--resume", "--out", folder["run"]).FailsWith("config.json");
    }

    [Fact]
    public void ARunWithoutACheckpoint()
    {
        using TemporaryFolder folder = new();
        CommandRun.Succeed(["train", "--model", "logistic-regression", "--epochs", "1", "--data-dir", TinyCifar.Make(folder),
            "--out", folder["run"], .. CommandRun.Small]);
        File.Delete(folder["run", "checkpoint.safetensors"]);

        CommandRun.Of("evaluate", folder["run"], "--data-dir", folder["data"]).FailsWith(folder["run"], "no checkpoint");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("standard:0")]
    public void MonteCarloWithoutDropout(string rule)
    {
        using TemporaryFolder folder = new();
        CommandRun.Succeed(["train", "--model", "logistic-regression", "--dropout", rule, "--epochs", "1", "--data-dir",
            TinyCifar.Make(folder), "--out", folder["run"], "--quiet", .. CommandRun.Small]);

        CommandRun.Of("evaluate", folder["run"], "--data-dir", folder["data"], "--monte-carlo", "2")
            .FailsWith("--monte-carlo", folder["run"], rule);
    }
}
