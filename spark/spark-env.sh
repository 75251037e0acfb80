# Read by everything that Spark starts; make puts it into the environment .venv-spark.
# JAVA_HOME is taken as it is set; without it, the Java of the path where Spark can run on it; else the one of the environment.
if [ -z "${JAVA_HOME:-}" ] && ! java --list-modules 2>/dev/null | grep -qE '^jdk\.incubator\.vector@(1[7-9]|[2-9][0-9])'; then
  export JAVA_HOME="${SPARK_HOME}/conf/java-home"
fi
